"""Pools as JSON lines, TSV, two parallel files and TMX: what is read, what is refused, in which words."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from mtprompt.corpus.corpus import Corpus
from mtprompt.errors import ConfigError, DataError


def load(path: Path, content: str | bytes, source: str = "de", target: str = "en") -> list[tuple[str, str]]:
    """Source and target of each pair of a pool file with this content."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return [(pair.source, pair.target) for pair in Corpus.load(path, source, target)]


def refusal(path: Path, content: str | bytes, source: str = "de", target: str = "en") -> str:
    """What is said about a pool file with this content, the folder left out."""
    with pytest.raises(DataError) as caught:
        load(path, content, source, target)
    message = str(caught.value)
    assert message.startswith(str(path)), "the message must begin with the file"
    assert "\n" not in message
    return message.replace(f"{path.parent}{os.sep}", "")


@pytest.fixture
def jsonl(tmp_path: Path) -> Path:
    return tmp_path / "pool.jsonl"


@pytest.fixture
def tsv(tmp_path: Path) -> Path:
    return tmp_path / "pool.tsv"


@pytest.fixture
def tmx(tmp_path: Path) -> Path:
    return tmp_path / "pool.tmx"


# JSON lines


def test_jsonl_pairs_keep_id_and_domain_and_count_lines_for_missing_ids(jsonl: Path) -> None:
    jsonl.write_text(
        '{"id": "x7", "source": "Haus", "target": "house", "domain": "home", "extra": [1]}\n'
        "\n"
        '{"source": "Tür", "target": "door"}\n'
        '{"id": 12, "target": "roof", "source": "Dach"}',
        encoding="utf-8",
    )
    pairs = Corpus.load(jsonl, "de", "en").pairs
    assert [(p.id, p.source, p.target, p.domain) for p in pairs] == [
        ("x7", "Haus", "house", "home"),
        ("3", "Tür", "door", None),
        ("12", "Dach", "roof", None),
    ]


def test_jsonl_escapes_are_decoded(jsonl: Path) -> None:
    row = r'{"source": "T\u00fcr \ud83d\udeaa\t\"auf\"", "target": "door"}'
    assert load(jsonl, row) == [('Tür 🚪\t"auf"', "door")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"source": "Haus"}', "field 'target' is missing; it has 'source'"),
        ("{}", "field 'source' is missing; it has no fields"),
        ('{"source": 3, "target": "three"}', "field 'source' must be a string, not int"),
        ('{"source": null, "target": "x"}', "field 'source' must be a string, not NoneType"),
        ('{"source": "Haus", "target": ["house"]}', "field 'target' must be a string, not list"),
        ('{"source": "Haus", "target": "house", "id": 1.5}', "field 'id' must be a string, not float"),
        (
            '{"source": "Haus", "target": "house", "domain": true}',
            "field 'domain' must be a string, not bool",
        ),
        ('{"source": " ", "target": "house"}', "'source' and 'target' must not be empty"),
        ('{"source": "Haus", "target": ""}', "'source' and 'target' must not be empty"),
        (r'{"source": "\ud83d", "target": "x"}', r"field 'source' holds half a character, \ud83d"),
        (r'{"source": "x", "target": "x", "id": "\udead"}', r"field 'id' holds half a character, \udead"),
    ],
)
def test_a_jsonl_row_without_usable_fields_is_refused_with_its_line(
    jsonl: Path, row: str, message: str
) -> None:
    content = '{"source": "Tür", "target": "door"}\n\n' + row + "\n"
    assert refusal(jsonl, content) == f"pool.jsonl:3: {message}"


@pytest.mark.parametrize(
    "row", ["Haus\thouse", '["Haus", "house"]', '"Haus"', '{"source": "Haus"', "{'a': 1}"]
)
def test_a_line_that_is_no_json_object_is_refused_with_its_line(jsonl: Path, row: str) -> None:
    content = '{"source": "Tür", "target": "door"}\n' + row + "\n"
    assert refusal(jsonl, content).startswith("pool.jsonl:2: not a JSON object on one line")


def test_json_nested_beyond_reason_is_refused_with_its_line(jsonl: Path) -> None:
    assert refusal(jsonl, '{"source": ' + "[" * 200_000) == "pool.jsonl:1: nested too deeply"


# TSV


def test_tsv_reads_two_columns_and_ignores_blank_lines_and_further_columns(tsv: Path) -> None:
    assert load(tsv, "Haus\thouse\n\n  \n Tür \tdoor\tnoun\tx\nDach\troof") == [
        ("Haus", "house"),
        ("Tür", "door"),
        ("Dach", "roof"),
    ]


def test_tsv_ids_are_line_numbers(tsv: Path) -> None:
    tsv.write_text("Haus\thouse\n\nTür\tdoor\n", encoding="utf-8")
    assert [pair.id for pair in Corpus.load(tsv, "de", "en")] == ["1", "3"]


def test_tsv_quotes_are_text(tsv: Path) -> None:
    assert load(tsv, '"Haus\t"house\n') == [('"Haus', '"house')]


@pytest.mark.parametrize("line", ["Haus", "Haus;house", "\thouse", "Haus\t", "Haus\t \tx", " \t "])
def test_a_tsv_line_without_both_sides_is_refused_with_its_line(tsv: Path, line: str) -> None:
    if not line.strip():
        assert load(tsv, f"Tür\tdoor\n{line}\n") == [("Tür", "door")]
    else:
        message = "pool.tsv:2: expected source, tab, target, each with text"
        assert refusal(tsv, f"Tür\tdoor\n{line}\n") == message


# two parallel files


def load_parallel(folder: Path, source: str | bytes, target: str | bytes) -> list[tuple[str, str, str]]:
    paths = folder / "pool.de", folder / "pool.en"
    for path, content in zip(paths, (source, target), strict=True):
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    corpus = Corpus.load(paths[0], "de", "en", target_path=paths[1])
    return [(pair.id, pair.source, pair.target) for pair in corpus]


def parallel_refusal(folder: Path, source: str | bytes, target: str | bytes) -> str:
    with pytest.raises(DataError) as caught:
        load_parallel(folder, source, target)
    return str(caught.value).replace(f"{folder}{os.sep}", "")


def test_parallel_files_are_paired_line_by_line_and_lines_blank_on_both_sides_are_skipped(
    tmp_path: Path,
) -> None:
    pairs = load_parallel(tmp_path, "Haus\n\nTür \n", "house\n \ndoor")
    assert pairs == [("1", "Haus", "house"), ("3", "Tür", "door")]


def test_parallel_files_of_different_length_are_refused_with_the_longer_one(tmp_path: Path) -> None:
    assert parallel_refusal(tmp_path, "a\nb\nc\n", "a\nb\n") == (
        "pool.de and pool.en differ in their number of lines: only pool.de goes on after line 2"
    )
    assert parallel_refusal(tmp_path, "a\n", "a\nb\nc\n").endswith("only pool.en goes on after line 1")
    assert parallel_refusal(tmp_path, "", "a\n").endswith("only pool.en goes on after line 0")


def test_a_line_blank_on_one_side_is_refused_with_that_side(tmp_path: Path) -> None:
    assert parallel_refusal(tmp_path, "a\n \n", "a\nb\n") == ("pool.de:2: blank, but its translation is not")
    assert parallel_refusal(tmp_path, "a\nb\n", "a\n\n") == "pool.en:2: blank, but its translation is not"


def test_bad_utf8_on_the_target_side_names_the_target_file(tmp_path: Path) -> None:
    assert parallel_refusal(tmp_path, "a\nb\n", b"a\n\xff\n").startswith("pool.en:2: not UTF-8 (byte 0xff")


def test_line_separators_of_unicode_do_not_shift_parallel_lines(tmp_path: Path) -> None:
    pairs = load_parallel(tmp_path, "a\u2028b\x85c\x0cd\ne\n", "A\nE\n")
    assert pairs == [("1", "a\u2028b\x85c\x0cd", "A"), ("2", "e", "E")]


def test_parallel_files_with_crlf_and_bom_are_read_without_them(tmp_path: Path) -> None:
    assert load_parallel(tmp_path, "\ufeffHaus\r\nTür\r\n", "house\ndoor\n") == [
        ("1", "Haus", "house"),
        ("2", "Tür", "door"),
    ]


# all text formats

ROW = '{"source": "Haus", "target": "house"}'


def test_a_byte_order_mark_at_the_start_is_dropped(jsonl: Path, tsv: Path) -> None:
    assert load(jsonl, "\ufeff" + ROW) == [("Haus", "house")]
    assert load(tsv, "\ufeffHaus\thouse\n") == [("Haus", "house")]


def test_crlf_line_endings_do_not_become_text(jsonl: Path, tsv: Path) -> None:
    assert load(jsonl, f"{ROW}\r\n\r\n{ROW}\r\n") == [("Haus", "house")] * 2
    assert load(tsv, "Haus\thouse\r\n\r\nTür\tdoor\r\n") == [("Haus", "house"), ("Tür", "door")]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_only_a_newline_ends_a_line(jsonl: Path, tsv: Path, separator: str) -> None:
    assert load(tsv, f"Ha{separator}us\thouse\n") == [(f"Ha{separator}us", "house")]
    if separator > "\x1f":  # JSON wants control characters escaped
        row = f'{{"source": "Ha{separator}us", "target": "house"}}\n'
        assert load(jsonl, row) == [(f"Ha{separator}us", "house")]


def test_bad_utf8_is_refused_with_line_byte_and_position(jsonl: Path, tsv: Path) -> None:
    latin1 = "Tür\tdoor\n".encode("latin-1")
    assert refusal(tsv, b"Haus\thouse\n" + latin1).startswith(
        "pool.tsv:2: not UTF-8 (byte 0xfc at position 2). Convert the file"
    )
    assert refusal(jsonl, b'{"source": "T\xfcr", "target": "x"}').startswith("pool.jsonl:1: not UTF-8")


def test_utf16_is_refused_as_not_utf8(tsv: Path) -> None:
    assert refusal(tsv, "Haus\thouse\n".encode("utf-16")).startswith("pool.tsv:1: not UTF-8 (byte 0xff")


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", " \r\n"])
def test_a_file_without_pairs_is_refused(jsonl: Path, tsv: Path, content: str) -> None:
    assert refusal(jsonl, content) == "pool.jsonl: no sentence pairs in it"
    assert refusal(tsv, content) == "pool.tsv: no sentence pairs in it"


def test_empty_parallel_files_are_refused(tmp_path: Path) -> None:
    assert parallel_refusal(tmp_path, "\n", "\n") == "pool.de: no sentence pairs in it"


@pytest.mark.parametrize("name", ["pool.jsonl", "pool.tsv", "pool.tmx"])
def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(DataError) as missing:
        Corpus.load(path, "de", "en")
    assert str(missing.value) == f"{path}: no such file"
    path.mkdir()
    with pytest.raises(DataError) as folder:
        Corpus.load(path, "de", "en")
    assert str(folder.value) == f"{path}: is a folder, not a file"


def test_a_path_through_a_file_is_refused(tsv: Path) -> None:
    tsv.write_text("x\ty\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"pool\.tsv/x\.tsv: (cannot be read|no such file)"):
        Corpus.load(tsv / "x.tsv", "de", "en")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", ["pool.jsonl", "pool.tsv", "pool.tmx"])
def test_a_file_without_read_permission_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("x\ty\n", encoding="utf-8")
    path.chmod(0)
    with pytest.raises(DataError) as caught:
        Corpus.load(path, "de", "en")
    assert str(caught.value) == f"{path}: no permission to read it"


@pytest.mark.parametrize("name", ["pool.txt", "pool", "pool.xml", "pool.jsonl.gz"])
def test_an_unknown_ending_is_refused_with_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"a pool is \.jsonl, \.tsv or \.tmx, or two parallel text files"):
        Corpus.load(tmp_path / name, "de", "en")


def test_endings_in_upper_case_are_known(tmp_path: Path) -> None:
    assert load(tmp_path / "POOL.JSONL", ROW) == [("Haus", "house")]
    assert load(tmp_path / "POOL.TSV", "Haus\thouse") == [("Haus", "house")]
    assert load(tmp_path / "POOL.TMX", memory(unit("Haus", "house"))) == [("Haus", "house")]


def test_a_wrong_language_code_is_refused_before_reading(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unknown language code 'german'\. Did you mean 'de'"):
        Corpus.load(tmp_path / "missing.tsv", "german", "en")


def test_language_codes_are_kept_in_their_usual_form(tsv: Path) -> None:
    tsv.write_text("Haus\thouse\n", encoding="utf-8")
    assert Corpus.load(tsv, "DE_at", "EN").languages == ("de-AT", "en")


# fingerprint


def test_the_fingerprint_depends_on_texts_order_and_languages_and_not_on_ids(tmp_path: Path) -> None:
    base = Corpus.from_pairs([("a", "b"), ("c", "d")], "de", "en").fingerprint
    path = tmp_path / "pool.jsonl"
    path.write_text(
        '{"id":"x","source":"a","target":"b","domain":"z"}\n{"source":"c","target":"d"}', encoding="utf-8"
    )
    assert Corpus.load(path, "de", "en").fingerprint == base
    others = [
        Corpus.from_pairs([("c", "d"), ("a", "b")], "de", "en"),
        Corpus.from_pairs([("a", "b"), ("c", "e")], "de", "en"),
        Corpus.from_pairs([("a", "b")], "de", "en"),
        Corpus.from_pairs([("a", "b"), ("c", "d")], "en", "de"),
        Corpus.from_pairs([("a", "b\n1 c\td")], "de", "en"),
        Corpus.from_pairs([("a", "b\n1 1 cd")], "de", "en"),
    ]
    assert len({base, *(corpus.fingerprint for corpus in others)}) == 7


def test_the_fingerprint_never_changes_between_versions() -> None:
    # it stands in signatures and keys: a new value makes old results look like another pool's
    assert Corpus.from_pairs([("Tür", "door")], "de", "en").fingerprint == "3ab380d3d48643bb"


# TMX


def unit(source: str, target: str, source_lang: str = "de", target_lang: str = "en") -> str:
    return (
        f'<tu><tuv xml:lang="{source_lang}"><seg>{source}</seg></tuv>'
        f'<tuv xml:lang="{target_lang}"><seg>{target}</seg></tuv></tu>\n'
    )


def memory(units: str, doctype: str = "") -> str:
    """A translation memory; its units begin on line 4, the doctype is on line 2."""
    header = '<tmx version="1.4"><header srclang="de"/><body>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}\n{header}\n{units}</body></tmx>\n'


def test_tmx_units_become_pairs_with_their_tuid_or_number(tmx: Path) -> None:
    units = unit("Haus", "house") + unit("Tür", "door").replace("<tu>", '<tu tuid="door-1">')
    tmx.write_text(memory(units), encoding="utf-8")
    pairs = Corpus.load(tmx, "de", "en").pairs
    assert [(p.id, p.source, p.target) for p in pairs] == [("1", "Haus", "house"), ("door-1", "Tür", "door")]


def test_tmx_is_read_in_the_direction_asked_for(tmx: Path) -> None:
    assert load(tmx, memory(unit("Haus", "house")), "en", "de") == [("house", "Haus")]


def test_tmx_takes_a_regional_variant_for_the_language(tmx: Path) -> None:
    assert load(tmx, memory(unit("Haus", "house", "de-DE", "EN_us"))) == [("Haus", "house")]
    assert load(tmx, memory(unit("Haus", "house", "de", "en")), "de-DE", "en-US") == [("Haus", "house")]


def test_tmx_takes_the_exact_code_before_a_variant_wherever_it_stands(tmx: Path) -> None:
    variants = (
        '<tu><tuv xml:lang="de-AT"><seg>Jänner</seg></tuv><tuv xml:lang="DE"><seg>Januar</seg></tuv>'
        '<tuv xml:lang="en-GB"><seg>January</seg></tuv></tu>'
    )
    assert load(tmx, memory(variants)) == [("Januar", "January")]
    assert load(tmx, memory(variants), "de-AT") == [("Jänner", "January")]


def test_tmx_does_not_take_one_region_for_another(tmx: Path) -> None:
    content = memory(unit("Jänner", "January", "de-AT"))
    assert "no unit has text in both de-DE and en; languages in it: de-AT, en" in refusal(
        tmx, content, "de-DE"
    )


def test_tmx_with_the_old_lang_attribute_is_read(tmx: Path) -> None:
    assert load(tmx, memory(unit("Haus", "house").replace("xml:lang", "lang"))) == [("Haus", "house")]


def test_tmx_with_a_namespace_is_read(tmx: Path) -> None:
    content = memory(unit("<hi>Haus</hi><ph>{1}</ph>", "house"))
    assert load(tmx, content.replace("<tmx ", '<tmx xmlns="http://www.lisa.org/tmx14" ')) == [
        ("Haus", "house")
    ]


def test_tmx_units_without_both_languages_or_with_an_empty_side_are_skipped(tmx: Path) -> None:
    units = unit("Haus", "maison", target_lang="fr") + unit(" ", "nothing") + unit("Tür", "door")
    units += '<tu><tuv xml:lang="de"/><tuv xml:lang="en"><seg>no seg</seg></tuv></tu><tu/>'
    assert load(tmx, memory(units)) == [("Tür", "door")]


def test_tmx_leaves_out_inline_markup_and_keeps_highlighted_text(tmx: Path) -> None:
    source = (
        'Klicken Sie <bpt i="1">&lt;b&gt;</bpt>hier<ept i="1">&lt;/b&gt;</ept> auf <hi>diese '
        '<hi type="x">Taste</hi></hi>,<ph>{0}</ph><it pos="begin">&lt;i&gt;</it> <!-- note --><?pi x?>bitte.'
    )
    assert load(tmx, memory(unit(source, "Click<ut>x</ut> here."))) == [
        ("Klicken Sie hier auf diese Taste, bitte.", "Click here.")
    ]


def test_a_comment_before_the_root_does_no_harm(tmx: Path) -> None:
    content = memory(unit("Haus", "house") + unit("Tür", "door"), "<!-- exported -->")
    assert load(tmx, content) == [("Haus", "house"), ("Tür", "door")]
    assert load(tmx, "<!-- only a unit -->" + unit("Haus", "house")) == [("Haus", "house")]


def test_tmx_decodes_character_references_and_cdata(tmx: Path) -> None:
    content = memory(unit("T&#252;r &amp; &lt;Tor&gt;", "<![CDATA[door & <gate>]]>"))
    assert load(tmx, content) == [("Tür & <Tor>", "door & <gate>")]


def test_tmx_line_breaks_become_spaces_and_other_separators_stay(tmx: Path) -> None:
    assert load(tmx, memory(unit("\n  eins\n  zwei\u2028drei\n", "one"))) == [("eins zwei\u2028drei", "one")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_tmx_is_read_in_the_encoding_it_declares(tmx: Path, encoding: str) -> None:
    declared = memory(unit("Tür", "door")).replace("UTF-8", encoding.removesuffix("-sig"))
    assert load(tmx, declared.encode(encoding)) == [("Tür", "door")]


def test_tmx_finds_every_pair_of_a_large_file(tmx: Path) -> None:
    pairs = load(tmx, memory("".join(unit(f"Haus {i}", f"house {i}") for i in range(5000))))
    assert len(pairs) == 5000
    assert pairs[4999] == ("Haus 4999", "house 4999")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("", "pool.tmx:1: not well-formed XML"),
        ("Haus\thouse\n", "pool.tmx:1: not well-formed XML"),
        (memory(unit("Haus", "house")).replace("</body></tmx>", ""), "pool.tmx:6: not well-formed XML"),
        (memory(unit("Haus", "house"))[:150], "pool.tmx:4: not well-formed XML"),
        (memory(unit("Haus & Hof", "house")), "pool.tmx:4: not well-formed XML"),
        (memory(unit("Haus", "house") + unit("Tür <b>", "door")), "pool.tmx:5: not well-formed XML"),
        (memory(unit("Haus&nbsp;", "house")), "pool.tmx:4: not well-formed XML: Entity 'nbsp' not defined"),
        (memory(unit("T\xfcr", "door")).encode("latin-1"), "pool.tmx:4: not well-formed XML"),
        (
            memory("").replace("UTF-8", "no-such-code"),
            "pool.tmx:1: not well-formed XML: Unsupported encoding",
        ),
    ],
)
def test_xml_that_is_broken_or_cut_off_is_refused_with_its_line(
    tmx: Path, content: str | bytes, place: str
) -> None:
    assert refusal(tmx, content).startswith(place)


def test_tmx_without_the_languages_is_refused_with_those_it_has(tmx: Path) -> None:
    content = memory(unit("Haus", "house") + unit("Tür", "porte", target_lang="fr"))
    assert refusal(tmx, content, "cs", "en") == (
        "pool.tmx: no unit has text in both cs and en; languages in it: de, en, fr"
    )
    assert refusal(tmx, memory("")) == ("pool.tmx: no unit has text in both de and en; languages in it: none")


# TMX from someone who means harm


@pytest.mark.parametrize("entity", ['"SECRET"', 'SYSTEM "file:///etc/passwd"', 'SYSTEM "secret.txt"'])
def test_an_entity_of_its_own_is_not_expanded_but_refused_with_its_line(tmx: Path, entity: str) -> None:
    tmx.with_name("secret.txt").write_text("SECRET", encoding="utf-8")
    message = refusal(tmx, memory(unit("Haus &x;", "house"), f"<!DOCTYPE tmx [<!ENTITY x {entity}>]>"))
    assert message == (
        "pool.tmx:4: uses the entity &x;, which is not expanded for safety; write the text itself"
    )


def test_an_entity_inside_highlighted_text_is_refused_too(tmx: Path) -> None:
    content = memory(unit("<hi>Haus &x;</hi>", "house"), '<!DOCTYPE tmx [<!ENTITY x "SECRET">]>')
    assert "uses the entity &x;" in refusal(tmx, content)


def test_an_entity_that_is_declared_and_not_used_does_no_harm(tmx: Path) -> None:
    content = memory(unit("Haus", "house"), '<!DOCTYPE tmx [<!ENTITY x "SECRET">]>')
    assert load(tmx, content) == [("Haus", "house")]


def test_an_external_entity_in_an_attribute_is_refused(tmx: Path) -> None:
    tmx.with_name("secret.txt").write_text("SECRET", encoding="utf-8")
    units = unit("Haus", "house").replace("<tu>", '<tu tuid="&x;">')
    message = refusal(tmx, memory(units, '<!DOCTYPE tmx [<!ENTITY x SYSTEM "secret.txt">]>'))
    assert message.startswith("pool.tmx:4: not well-formed XML")
    assert "SECRET" not in message


BILLION_LAUGHS = (
    '<!DOCTYPE tmx [<!ENTITY a0 "lol">'
    + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    + "]>"
)


@pytest.mark.parametrize(
    "units",
    [
        unit("&a9;", "house"),
        unit("Haus", "house").replace("<tu>", '<tu tuid="&a9;">'),
        unit("Haus", "house").replace("<tu>", "<tu><prop>&a9;</prop>"),
    ],
    ids=["text", "attribute", "property"],
)
def test_a_billion_laughs_are_refused_without_laughing(tmx: Path, units: str) -> None:
    message = refusal(tmx, memory(units, BILLION_LAUGHS))
    assert message.startswith("pool.tmx:")
    assert len(message) < 300


def test_an_external_dtd_is_neither_fetched_nor_needed(tmx: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        doctype = f'<!DOCTYPE tmx SYSTEM "http://127.0.0.1:{port}/tmx14.dtd">'
        assert load(tmx, memory(unit("Haus", "house"), doctype)) == [("Haus", "house")]
        entity = f'<!DOCTYPE tmx [<!ENTITY % x SYSTEM "http://127.0.0.1:{port}/x.dtd"> %x;]>'
        assert load(tmx, memory(unit("Haus", "house"), entity)) == [("Haus", "house")]
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_dtd_beside_the_file_is_not_read(tmx: Path) -> None:
    tmx.with_name("tmx14.dtd").write_text('<!ENTITY x "SECRET">', encoding="utf-8")
    content = memory(unit("Haus &x;", "house"), '<!DOCTYPE tmx SYSTEM "tmx14.dtd">')
    message = refusal(tmx, content)
    assert message.startswith("pool.tmx:4: uses the entity &x;")
    assert "SECRET" not in message
