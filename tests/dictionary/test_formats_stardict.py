"""StarDict: the binary files, and the kinds of articles in them."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest

from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.read import files_of, read_entries
from mtprompt.errors import DataError


def write(
    folder: Path,
    articles: dict[str, bytes],
    about: str = "sametypesequence=m",
    synonyms: dict[str, int] | None = None,
    zipped: bool = False,
) -> Path:
    index, content, number = b"", b"", ">QI" if "idxoffsetbits=64" in about else ">II"
    for word, article in articles.items():
        index += word.encode() + b"\0" + struct.pack(number, len(content), len(article))
        content += article
    path = folder / "made-up.ifo"
    path.write_text(f"StarDict's dict ifo file\nversion=3.0.0\n{about}\n")
    for name, data in ((".idx", index), (".dict", content)):
        ending = {".idx": ".idx.gz", ".dict": ".dict.dz"}[name] if zipped else name
        (folder / f"made-up{ending}").write_bytes(gzip.compress(data) if zipped else data)
    if synonyms:
        records = (word.encode() + b"\0" + struct.pack(">I", at) for word, at in synonyms.items())
        (folder / "made-up.syn").write_bytes(b"".join(records))
    return path


def read(path: Path, languages: tuple[str, str] = ("sw", "en")) -> tuple[list[Entry], list[str]]:
    problems: list[str] = []
    entries = list(read_entries(path, languages, problems))
    return entries, [problem.removeprefix(f"{path.parent}/") for problem in problems]


PLAIN = {"gari": b"gari <n>\n[ga-ri]\n1. car, motor car\n2. cart", "moto": b"moto\nn. fire; flame"}
EXPECTED = [
    Entry("gari", "car"),
    Entry("gari", "motor car"),
    Entry("gari", "cart"),
    Entry("moto", "fire", pos="n"),
    Entry("moto", "flame", pos="n"),
]


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("about", ["sametypesequence=m", "sametypesequence=m\nidxoffsetbits=64"])
def test_plain_articles_are_read_line_by_line(tmp_path: Path, about: str, zipped: bool) -> None:
    assert read(write(tmp_path, PLAIN, about, zipped=zipped)) == (EXPECTED, [])


def test_any_of_the_files_names_the_dictionary_and_all_belong_to_it(tmp_path: Path) -> None:
    write(tmp_path, PLAIN, synonyms={"motokaa": 0}, zipped=True)
    for ending in (".ifo", ".dict.dz"):
        path = tmp_path / f"made-up{ending}"
        assert files_of(path) == [tmp_path / f"made-up{e}" for e in (".ifo", ".idx.gz", ".dict.dz", ".syn")]
        assert len(read(path)[0]) == 8
    write(tmp_path, PLAIN)
    assert files_of(tmp_path / "made-up.dict")[0] == tmp_path / "made-up.ifo"


def test_synonyms_have_the_translations_of_their_entry(tmp_path: Path) -> None:
    path = write(tmp_path, {"gari": b"car", "moto": b"fire"}, synonyms={"miale": 1, "mwali": 1})
    assert [entry[:2] for entry in read(path)[0]] == [
        ("gari", "car"),
        ("moto", "fire"),
        ("miale", "fire"),
        ("mwali", "fire"),
    ]


def test_html_is_read_as_text_and_examples_are_left_out(tmp_path: Path) -> None:
    html = (
        "<b>gari</b> <i>n</i><br><ol><li>car &amp; motor</li><li>cart, wagon</li></ol>"
        "<p>“gari kubwa” – lorry</p><script>no</script>See also: moto"
    )
    path = write(tmp_path, {"gari": html.encode()}, "sametypesequence=h")
    assert [entry.translation for entry in read(path)[0]] == ["car & motor", "cart", "wagon"]


def test_xdxf_is_read_without_headword_transcription_and_examples(tmp_path: Path) -> None:
    xdxf = "<k>gari</k>\n<tr>ga-ri</tr>\n<dtrn>car</dtrn>\n<ex>gari kubwa - lorry</ex>\n<kref>moto</kref>"
    path = write(tmp_path, {"gari": xdxf.encode()}, "sametypesequence=x")
    assert read(path)[0] == [Entry("gari", "car")]


def test_articles_may_have_several_fields_each_with_its_type(tmp_path: Path) -> None:
    fields = b"tga-ri\0" + b"mcar\0" + b"P" + struct.pack(">I", 3) + b"\x89PN" + b"hcart<br>wagon"
    path = write(tmp_path, {"gari": fields}, "")
    assert [entry.translation for entry in read(path)[0]] == ["car", "cart", "wagon"]
    path = write(tmp_path, {"gari": b"ga-ri\0car"}, "sametypesequence=tm")
    assert [entry.translation for entry in read(path)[0]] == ["car"]


def test_chinese_articles_part_their_lists_with_their_own_signs(tmp_path: Path) -> None:
    article = "*[wɔːtə]\nn. 水（喝的）；雨水、海水\nvt. 浇水".encode()
    entries, _ = read(write(tmp_path, {"water": article}), ("en", "zh"))
    assert entries == [
        Entry("water", "水", pos="n", note="喝的"),
        Entry("water", "雨水", pos="n"),
        Entry("water", "海水", pos="n"),
        Entry("water", "浇水", pos="vt"),
    ]


def test_broken_entries_are_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, {"moto": b"fire", "bad": b"\xff\xfe", "gari": b"car"})
    with (tmp_path / "made-up.idx").open("ab") as index:
        index.write(b"far\0" + struct.pack(">II", 1000, 5))
    entries, problems = read(path)
    assert entries == [Entry("moto", "fire"), Entry("gari", "car")]
    assert problems == [
        "made-up.dict: entry 2, 'bad': not to be decoded",
        "made-up.idx: entry 4, 'far': points to no article of made-up.dict",
    ]


@pytest.mark.parametrize("end", [b"no end", b"short\0\1\2"])
def test_a_damaged_index_is_an_error(tmp_path: Path, end: bytes) -> None:
    path = write(tmp_path, PLAIN)
    with (tmp_path / "made-up.idx").open("ab") as index:
        index.write(end)
    with pytest.raises(DataError, match=r"made-up\.idx: damaged, ends within an entry"):
        read(path)


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN)
    (tmp_path / "made-up.dict").unlink()
    with pytest.raises(DataError, match=r"made-up\.dict: no such file"):
        read(path)


def test_a_dictionary_without_a_readable_article_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, {"gari": b"\x89PNG"}, "sametypesequence=P")
    with pytest.raises(DataError, match=r"made-up\.ifo: no usable article"):
        read(path)
