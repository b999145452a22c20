"""Published dictionaries out of their Debian packages.

It takes no rights beyond the user's and installs nothing into the system.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from platformdirs import user_data_path

from mtprompt.cache import built_beside
from mtprompt.dictionary.catalog import Published
from mtprompt.dictionary.entry import Entry
from mtprompt.dictionary.read import read_entries
from mtprompt.dictionary.write import write_tsv
from mtprompt.errors import ConfigError, DataError

LICENCE_FILE = "copyright"
_UNLISTED = ("Unable to locate package", "no installation candidate", "Can't find a source")
Progress = Callable[[int], object]


class Installed(NamedTuple):
    """A dictionary that is there to be used.

    Attributes:
        files: The TSV file of each of :attr:`Published.directions`.
        licence: What its copyright file says.
        licence_file: A copy of that file.
        entries: Of each file, how many were written; none if it was there before.
        problems: What of the package's files could not be read.
        headwords: Lines of the package's dictionary or of its index, to compare entries with.
    """

    files: tuple[Path, ...]
    licence: str
    licence_file: Path
    entries: tuple[int, ...] = ()
    problems: tuple[str, ...] = ()
    headwords: int = 0


def default_folder() -> Path:
    """Where installed dictionaries are kept (``$XDG_DATA_HOME`` is obeyed)."""
    return user_data_path("mtprompt") / "dictionaries"


def install(wanted: Published, folder: Path, on_progress: Progress | None = None) -> Installed:
    """Downloads a dictionary's package with apt-get, unpacks it, and writes its entries as TSV.

    Nothing is done if it is there. All is made in a folder beside and renamed when it is whole.

    Args:
        wanted: What to install.
        folder: Where its own folder, named as it is, is made.
        on_progress: Called with the number of entries that were read since its last call.

    Raises:
        ConfigError: If apt-get is missing, does not know the package or cannot fetch it, or if the
            folder cannot be written.
        DataError: If the package is damaged or does not hold what it should.
    """
    target = folder / wanted.name
    entries: list[int] = []
    problems: list[str] = []
    headwords = 0
    if not target.is_dir():
        _check_tools(wanted)
        try:
            with built_beside(target) as building, TemporaryDirectory(prefix="mtprompt-") as temporary:
                source, version = _unpack(building, wanted, Path(temporary))
                headwords = source.read_bytes().count(b"\n")
                first_line = f"# From Debian's {wanted.package} {version}, see {LICENCE_FILE}\n"
                for languages in wanted.directions:
                    found = read_entries(source, languages, problems)
                    with _tsv(building, languages).open("wb") as stream:
                        stream.write(first_line.encode())
                        write_tsv(_counted(found, entries, on_progress), stream)
        except DataError as error:
            raise DataError(_in_package(str(error), wanted)) from None
        except OSError as error:
            raise ConfigError(f"{error.filename or target}: cannot be written: {error.strerror}") from None
    files = tuple(_tsv(target, languages) for languages in wanted.directions)
    about = target / LICENCE_FILE
    if missing := [path for path in (*files, about) if not path.is_file()]:
        raise DataError(f"{missing[0]} is missing; remove {target} and install {wanted.name} again")
    said = (_in_package(problem, wanted) for problem in problems)
    licence = licence_of(about.read_text(encoding="utf-8", errors="replace"), wanted)
    return Installed(files, licence, about, tuple(entries), tuple(said), headwords)


def licence_of(copyright_file: str, wanted: Published) -> str:
    """The licence that a package's copyright file gives the dictionary; the catalog's if none is found.

    The file is a set of paragraphs, each with the files it is about (Debian's "Machine-readable
    debian/copyright file", version 1.0).
    """
    for pattern in (f"{wanted.name}/*", "*"):
        for paragraph in re.split(r"\n\s*\n", copyright_file):
            fields = dict(re.findall(r"^(\w+):[ \t]*(.*)$", paragraph, re.MULTILINE))
            if pattern in fields.get("Files", "").split() and fields.get("License"):
                return str(fields["License"]).strip()
    return wanted.licence


def _in_package(message: str, wanted: Published) -> str:
    """A message about an unpacked file, which is gone when it is read, about the package."""
    return re.sub(r"\S*/unpacked/", f"{wanted.package}: ", message)


def _tsv(folder: Path, languages: tuple[str, str]) -> Path:
    return folder / f"{'-'.join(languages)}.tsv"


def _check_tools(wanted: Published) -> None:
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise ConfigError(
                f"{wanted.name} comes from a Debian package, which needs {tool} (Debian, Ubuntu); elsewhere "
                "fetch the dictionary yourself: --dictionary reads dictd, StarDict, Ding and TSV files"
            )


def _unpack(building: Path, wanted: Published, temporary: Path) -> tuple[Path, str]:
    """The dictionary's file and the package's version; the copyright file is put where it stays."""
    archive = _download(wanted.package, temporary)
    unpacked = temporary / "unpacked"
    done = _run(["dpkg-deb", "--extract", str(archive), str(unpacked)], temporary)
    if done.returncode:
        raise DataError(f"{wanted.package}: the package is damaged: {_reason(done.stderr)}")
    source, about = (
        _first(unpacked, pattern, wanted.package)
        for pattern in (wanted.content, f"usr/share/doc/{wanted.package}/copyright")
    )
    shutil.copyfile(about, building / LICENCE_FILE)
    return source, archive.name.split("_")[1]


def _counted(entries: Iterable[Entry], counts: list[int], on_progress: Progress | None) -> Iterator[Entry]:
    """The entries; their number is added to ``counts`` at the end."""
    number = 0
    for entry in entries:
        number += 1
        yield entry
        if on_progress:
            on_progress(1)
    counts.append(number)


def _download(package: str, folder: Path) -> Path:
    """The archive of a package, checked by apt-get against the archive's signed lists."""
    done = _run(["apt-get", "--quiet", "download", package], folder)
    if done.returncode:
        if any(text in done.stderr for text in _UNLISTED):
            raise ConfigError(
                f"apt-get knows no package {package}; renew its lists with: sudo apt-get update "
                "(Debian 12 has the package, other systems may not)"
            )
        raise ConfigError(f"{package} cannot be downloaded: {_reason(done.stderr)}")
    archives = sorted(folder.glob(f"{package}_*.deb"))
    if not archives:
        raise ConfigError(f"{package} cannot be downloaded: apt-get left no file")
    return archives[0]


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def _reason(output: str) -> str:
    """What a tool said is wrong, without what it says of the consequences."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("E: ") for line in lines if line.startswith("E: ")] or lines
    return errors[0] if errors else "no reason given"


def _first(folder: Path, pattern: str, package: str) -> Path:
    for path in sorted(folder.glob(pattern)):
        if path.is_file() and not path.is_symlink():
            return path
    raise DataError(f"{package}: the package has no file {pattern}")
