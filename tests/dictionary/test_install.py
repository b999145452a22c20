"""Published dictionaries out of Debian packages, with an apt-get and a dpkg-deb of the test's own."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mtprompt.dictionary.catalog import catalog, published
from mtprompt.dictionary.dictionary import Dictionary
from mtprompt.dictionary.install import LICENCE_FILE, default_folder, install, licence_of
from mtprompt.errors import ConfigError, DataError
from mtprompt.text.languages import language_pair

COPYRIGHT = """\
Format: 1.0

Files: debian/*
Copyright: somebody
License: MIT

Files: eng-swh/*
Copyright: others
License: GPL-2+

Files: deu-eng/*
Copyright: others
License: GPL-3+
 The importer is not shipped.

License: GPL-2+
 The text of the licence.
"""
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
APT_GET = """#!/bin/sh
test "$1 $2" = "--quiet download" || exit 1
cp "{packages}/$3_1.0-1_all.deb" . 2>/dev/null && exit 0
echo "W: something else" >&2
echo "{error}" >&2
exit 100
"""
DPKG_DEB = """#!/bin/sh
test "$1" = "--extract" && mkdir "$3" && tar -xf "$2" -C "$3" 2>/dev/null && exit 0
echo "dpkg-deb: error: not a package" >&2
exit 2
"""


def dictd(articles: list[tuple[str, str]]) -> tuple[bytes, bytes]:
    """Index and content of a dictionary of the DICT server."""
    index, content = "", ""
    for word, text in articles:
        index += f"{word}\t{_base64(len(content.encode()))}\t{_base64(len(text.encode()))}\n"
        content += text
    return index.encode(), gzip.compress(content.encode())


def _base64(number: int) -> str:
    return (_base64(number // 64) if number >= 64 else "") + DIGITS[number % 64]


SWAHILI = dictd(
    [("house", "house <n>\nnyumba\n"), ("cat", "cat <n>\npaka\n"), ("red", "red <adj>\nnyekundu\n")]
)
DING = "Haus {n}; Heim {n} :: house; home\nTür {f} :: door\n"
Package = Callable[[str, dict[str, bytes]], None]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """Puts a package where the apt-get of the test finds it."""
    packages = tmp_path / "packages"
    packages.mkdir()
    tools(tmp_path, monkeypatch, "E: Unable to locate package $3")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def put(name: str, files: dict[str, bytes]) -> None:
        with tarfile.open(packages / f"{name}_1.0-1_all.deb", "w") as archive:
            for path, content in files.items():
                member = tarfile.TarInfo(f"usr/share/{path}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))

    return put


def tools(folder: Path, monkeypatch: pytest.MonkeyPatch, error: str) -> None:
    bin_folder = folder / "bin"
    bin_folder.mkdir(exist_ok=True)
    apt_get = APT_GET.format(packages=folder / "packages", error=error)
    for name, script in (("apt-get", apt_get), ("dpkg-deb", DPKG_DEB)):
        (bin_folder / name).write_text(script)
        (bin_folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_folder}:/usr/bin:/bin")


def put_swahili(package: Package) -> None:
    package(
        "dict-freedict-eng-swh",
        {
            "dictd/freedict-eng-swh.index": SWAHILI[0],
            "dictd/freedict-eng-swh.dict.dz": SWAHILI[1],
            "doc/dict-freedict-eng-swh/copyright": COPYRIGHT.encode(),
        },
    )


# the catalog


def test_the_catalog_is_whole_and_its_codes_are_languages() -> None:
    names = [it.name for it in catalog()]
    assert len(names) == len(set(names)) == 200
    assert names == sorted(names)
    for it in catalog():
        assert language_pair(it.source, it.target) == (it.source, it.target)
        assert it.source != it.target
        assert it.kilobytes > 0
        assert it.licence.startswith(("GPL-", "CC-BY-"))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("deu-eng", "deu-eng"),
        ("de-en", "deu-eng"),  # not ding, which is for the same languages
        ("DE-EN", "deu-eng"),
        ("en-sw", "eng-swh"),
        ("ding", "ding"),
        ("trans-de-en", "ding"),
        ("dict-freedict-ara-eng", "ara-eng"),
        ("en-de", "eng-deu"),
    ],
)
def test_a_dictionary_has_several_names(name: str, found: str) -> None:
    assert published(name).name == found


def test_a_wrong_name_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"no dictionary 'deu-enk' to install\. Did you mean 'deu-eng'\?"):
        published("deu-enk")
    with pytest.raises(ConfigError, match=r"no dictionary 'klingon' to install\. All that are: mtprompt"):
        published("klingon")


def test_a_dictionary_that_is_there_the_other_way_round_is_named() -> None:
    with pytest.raises(ConfigError, match=r"but there is slv-eng, the other way round; .* invert$"):
        published("en-sl")


# installing


def test_a_freedict_package_becomes_a_tsv_file_with_its_licence(tmp_path: Path, package: Package) -> None:
    put_swahili(package)
    told: list[int] = []
    made = install(published("eng-swh"), tmp_path / "d", told.append)
    assert made.files == (tmp_path / "d" / "eng-swh" / "en-sw.tsv",)
    assert made.licence == "GPL-2+"
    assert made.licence_file.read_text() == COPYRIGHT
    assert made.entries == (3,)
    assert sum(told) == 3
    assert (made.problems, made.headwords) == ((), 3)
    first, *_ = made.files[0].read_text().splitlines()
    assert first == f"# From Debian's dict-freedict-eng-swh 1.0-1, see {LICENCE_FILE}"
    loaded = Dictionary.load(made.files[0], "en", "sw")
    assert loaded.translations("house") == ("nyumba",)
    assert loaded.problems == ()


def test_ding_is_written_in_both_directions(tmp_path: Path, package: Package) -> None:
    package(
        "trans-de-en",
        {"trans/de-en": DING.encode(), "doc/trans-de-en/copyright": b"Files: *\nLicense: GPL-2+\n"},
    )
    made = install(published("ding"), tmp_path / "d")
    assert [path.name for path in made.files] == ["de-en.tsv", "en-de.tsv"]
    assert made.licence == "GPL-2+"
    assert Dictionary.load(made.files[0], "de", "en").translations("Heim") == ("house", "home")
    assert Dictionary.load(made.files[1], "en", "de").translations("home") == ("Haus", "Heim")


def test_what_is_installed_already_is_left_as_it_is(tmp_path: Path, package: Package) -> None:
    put_swahili(package)
    first = install(published("eng-swh"), tmp_path / "d")
    (tmp_path / "bin" / "apt-get").unlink()
    again = install(published("eng-swh"), tmp_path / "d")
    assert again == first._replace(entries=(), headwords=0)


def test_lines_that_cannot_be_read_are_told(tmp_path: Path, package: Package) -> None:
    text = DING + "no translation\n"
    package("trans-de-en", {"trans/de-en": text.encode(), "doc/trans-de-en/copyright": b""})
    made = install(published("ding"), tmp_path / "d")
    assert made.problems
    place = "trans-de-en: usr/share/trans/de-en:3: "
    assert all(problem.startswith(place) for problem in made.problems)


def test_the_users_data_folder_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "mtprompt" / "dictionaries"


# the licence


def test_the_licence_is_the_one_of_this_dictionarys_files() -> None:
    assert licence_of(COPYRIGHT, published("deu-eng")) == "GPL-3+"
    assert licence_of(COPYRIGHT, published("eng-swh")) == "GPL-2+"
    assert licence_of("Files: *\nLicense:  MIT \n\n" + COPYRIGHT, published("ding")) == "MIT"


def test_without_a_licence_line_the_catalogs_is_given() -> None:
    assert licence_of(COPYRIGHT, published("fra-deu")) == "CC-BY-SA-3.0"
    assert licence_of("You may copy this.", published("eng-swh")) == "GPL-2+"


# what can go wrong


def fails(error: type[Exception], message: str, name: str, folder: Path) -> None:
    with pytest.raises(error, match=message) as caught:
        install(published(name), folder / "d")
    assert "\n" not in str(caught.value)
    assert not (folder / "d" / name).exists()
    if (folder / "d").is_dir():
        assert list((folder / "d").iterdir()) == []


@pytest.mark.parametrize("tool", ["apt-get", "dpkg-deb"])
def test_without_debians_tools_it_says_so(
    tmp_path: Path, package: Package, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    (tmp_path / "bin" / tool).unlink()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    fails(ConfigError, f"^eng-swh comes from a Debian package, which needs {tool}", "eng-swh", tmp_path)


def test_a_package_that_is_not_in_the_lists_tells_to_update_them(tmp_path: Path, package: Package) -> None:
    fails(ConfigError, r"knows no package dict-freedict-eng-swh; .* sudo apt-get update", "eng-swh", tmp_path)


def test_without_network_it_says_what_apt_get_said(
    tmp_path: Path, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools(tmp_path, monkeypatch, "E: Failed to fetch x.deb  Temporary failure resolving")
    message = "^trans-de-en cannot be downloaded: Failed to fetch x.deb  Temporary failure resolving$"
    fails(ConfigError, message, "ding", tmp_path)


def test_an_apt_get_that_says_nothing_is_still_an_error(
    tmp_path: Path, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin" / "apt-get").write_text("#!/bin/sh\nexit 1\n")
    fails(ConfigError, "cannot be downloaded: no reason given$", "ding", tmp_path)
    (tmp_path / "bin" / "apt-get").write_text("#!/bin/sh\nexit 0\n")
    fails(ConfigError, "cannot be downloaded: apt-get left no file$", "ding", tmp_path)


def test_a_damaged_archive_is_named(tmp_path: Path, package: Package) -> None:
    put_swahili(package)
    (tmp_path / "packages" / "dict-freedict-eng-swh_1.0-1_all.deb").write_bytes(b"junk" * 300)
    fails(DataError, "the package is damaged: dpkg-deb: error: not a package$", "eng-swh", tmp_path)


@pytest.mark.parametrize("missing", ["dictd/freedict-eng-swh.index", "doc/dict-freedict-eng-swh/copyright"])
def test_a_package_without_what_it_should_hold_is_named(
    tmp_path: Path, package: Package, missing: str
) -> None:
    files = {
        "dictd/freedict-eng-swh.index": SWAHILI[0],
        "dictd/freedict-eng-swh.dict.dz": SWAHILI[1],
        "doc/dict-freedict-eng-swh/copyright": b"",
    }
    del files[missing]
    package("dict-freedict-eng-swh", files)
    fails(DataError, "^dict-freedict-eng-swh: the package has no file usr/share/", "eng-swh", tmp_path)


def test_a_damaged_dictionary_in_a_package_is_named(tmp_path: Path, package: Package) -> None:
    files = {
        "dictd/freedict-eng-swh.index": SWAHILI[0],
        "dictd/freedict-eng-swh.dict.dz": b"junk",
        "doc/dict-freedict-eng-swh/copyright": b"",
    }
    package("dict-freedict-eng-swh", files)
    place = "dict-freedict-eng-swh: usr/share/dictd/freedict-eng-swh.dict.dz: damaged"
    fails(DataError, f"^{place}", "eng-swh", tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, package: Package) -> None:
    put_swahili(package)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ConfigError, match=r"file: cannot be written: "):
        install(published("eng-swh"), tmp_path / "file")


def test_an_installed_folder_that_lost_its_file_tells_what_to_do(tmp_path: Path, package: Package) -> None:
    put_swahili(package)
    made = install(published("eng-swh"), tmp_path / "d")
    made.files[0].unlink()
    with pytest.raises(
        DataError, match=r"en-sw\.tsv is missing; remove .*eng-swh and install eng-swh again$"
    ):
        install(published("eng-swh"), tmp_path / "d")
