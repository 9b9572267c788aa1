"""Unpacks archives that somebody handed in: .zip, .tar and .tar.gz.

Nothing is extracted by ``zipfile`` or ``tarfile``: they are asked for names and for the bytes of plain files, and all
that is written are new files and folders, with names that were checked, up to fixed bounds. What an archive says of its
own sizes is not believed, and archives within it are files like others.
"""

from __future__ import annotations

import gzip
import io
import re
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grader.apart import At, run_apart
from grader.errors import SubmissionProblem
from grader.files import kind, read_plain_file
from grader.plaintext import plain_line

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")
MAX_BYTES = 20 << 20  # of the archive, and of all that is in it
MAX_FILES = 500  # that are written
MAX_ENTRIES = 20_000  # with those that are passed over, such as what .git holds
MAX_DEPTH = 20
MAX_NAME_BYTES = 200  # in one part of a name; 255 is what most file systems allow
MAX_PATH_BYTES = 1_000
_PASSED_OVER = frozenset({"__MACOSX", ".git", "__pycache__", ".ipynb_checkpoints", ".DS_Store"})
_CHUNK = 1 << 16
_DRIVE = re.compile(r"[A-Za-z]:")
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1  # a bit of an entry's flags
_BLOCK = tarfile.BLOCKSIZE
_DAMAGED = (  # what the two libraries raise, on purpose or not
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, struct.error),
    *(EOFError, LookupError, NotImplementedError, OverflowError, RuntimeError, ValueError, gzip.BadGzipFile),
)


def is_archive(path: Path) -> bool:
    """Whether a name is that of an archive that can be unpacked."""
    return path.name.lower().endswith(SUFFIXES)


def is_passed_over(name: str) -> bool:
    """Whether a file or folder is none of the student's: kept by a system or a tool beside what they wrote."""
    return name in _PASSED_OVER or name.startswith("._")


def unpack(path: Path, into: Path) -> None:
    """Unpacks an archive into an empty folder, in a process of its own.

    Raises:
        SubmissionProblem: it can't be unpacked, or holds what nobody should hand in; the message is for the student.
            Files may have been written by then, all of them in the folder.
        InternalFault: the files could not be written.
    """
    run_apart("grader.archives:extract", str(path), str(into))


def extract(path: str, into: str, at: At) -> None:
    """As ``unpack``, in this process; for processes that are bounded."""
    archive = Path(path)
    shown = plain_line(archive.name, 100)
    at(shown)
    raw = read_plain_file(archive, shown, MAX_BYTES, _HINT)
    try:
        entries = _zip_entries(raw) if archive.suffix.lower() == ".zip" else _tar_entries(raw, archive.suffix.lower())
        _write(entries, Path(into))
    except _Refused as refused:
        raise SubmissionProblem(f"{shown} is not unpacked: {refused}") from refused
    except _DAMAGED as error:
        text = "it is damaged, cut short, or no archive of that kind. Pack it again."
        raise SubmissionProblem(f"{shown} can't be unpacked: {text}") from error


_HINT = "Hand in your code only: no data, no virtual environment."


class _Refused(Exception):
    """What is in an archive is nothing to unpack."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """One thing in an archive.

    Attributes:
        name: as it stands there.
        what: what it is, in words, if it is neither a file nor a folder.
        folder: whether it is a folder.
        size: how many bytes it says that it has.
        open: what gives its bytes.
    """

    name: str
    what: str
    folder: bool
    size: int
    open: Callable[[], IO[bytes]]


def _zip_entries(raw: bytes) -> Iterator[_Entry]:
    archive = zipfile.ZipFile(io.BytesIO(raw))
    for info in archive.infolist():
        folder = info.filename.endswith("/")  # info.is_dir() fails where there is no name
        what = kind(info.external_attr >> 16) if not folder else ""
        if info.flag_bits & _ENCRYPTED:
            what = "encrypted; pack it without a password"
        elif info.compress_type not in _COMPRESSIONS:
            what = "packed in a way that is not read; pack it as an ordinary zip"

        def opened(info: zipfile.ZipInfo = info) -> IO[bytes]:
            return archive.open(info)

        yield _Entry(name=info.filename, what=what, folder=folder, size=info.file_size, open=opened)


def _tar_entries(raw: bytes, suffix: str) -> Iterator[_Entry]:
    if suffix != ".tar":
        most = MAX_BYTES + MAX_ENTRIES * 2 * _BLOCK  # what the headers may add
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
            raw = packed.read(most + 1)
        if len(raw) > most:
            raise _Refused(_too_large())
    archive = tarfile.TarFile(fileobj=io.BytesIO(raw), encoding="utf-8")
    while (member := archive.next()) is not None:
        what = "" if member.isreg() or member.isdir() else _kind_in_tar(member)
        if member.issparse():
            what = "a file with holes; pack it again without them"

        def opened(member: tarfile.TarInfo = member) -> IO[bytes]:
            file = archive.extractfile(member)
            assert file is not None  # for it is a plain file
            return file

        yield _Entry(name=member.name, what=what, folder=member.isdir(), size=member.size, open=opened)
    if raw[archive.offset : archive.offset + _BLOCK] != bytes(_BLOCK):
        raise tarfile.ReadError("no mark of its end")  # tarfile takes a header that it can't read for the end


def _kind_in_tar(member: tarfile.TarInfo) -> str:
    if member.issym():
        return "a symbolic link"
    if member.islnk():
        return "a hard link"
    return "a FIFO" if member.isfifo() else "a device" if member.isdev() else "of a kind that is not known"


def _write(entries: Iterator[_Entry], into: Path) -> None:
    written = files = 0
    seen: dict[str, tuple[str, bool]] = {}  # what stands under a name that file systems may take for the same
    for number, entry in enumerate(entries, start=1):
        if number > MAX_ENTRIES:
            raise _Refused(f"it holds more than {MAX_ENTRIES:,} files and folders. {_HINT}")
        parts = _parts(entry.name)
        if any(map(is_passed_over, parts)):
            continue
        _check(entry, parts)
        _claim(entry, parts, seen)
        target = into.joinpath(*parts)
        if entry.folder:
            target.mkdir(parents=True, exist_ok=True)
            continue
        files += 1
        if files > MAX_FILES:
            raise _Refused(f"it holds more than {MAX_FILES} files. {_HINT}")
        target.parent.mkdir(parents=True, exist_ok=True)
        came = 0
        with entry.open() as source, target.open("xb") as file:
            while chunk := source.read(_CHUNK):
                came += len(chunk)
                if written + came > MAX_BYTES:
                    raise _Refused(_too_large())
                file.write(chunk)
        if came != entry.size:
            raise EOFError(f"{came} bytes of {entry.size}")
        written += came


def _too_large() -> str:
    return f"what is in it has more than {MAX_BYTES:,} bytes. {_HINT}"


def _parts(name: str) -> list[str]:
    """The parts of a name; some programs that pack on Windows write backslashes."""
    return [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]


def _check(entry: _Entry, parts: list[str]) -> None:
    shown = plain_line(entry.name, 100)
    if plain_line(entry.name) != entry.name:
        raise _Refused(f"a name in it has characters that can't be seen: {shown}")
    if entry.name.startswith(("/", "\\")) or _DRIVE.match(entry.name) or ".." in parts:
        raise _Refused(f"a name in it leads out of its folder: {shown}")
    longest = max((len(part.encode("utf-8")) for part in parts), default=0)
    if len(parts) > MAX_DEPTH or longest > MAX_NAME_BYTES or len(entry.name.encode("utf-8")) > MAX_PATH_BYTES:
        raise _Refused(f"a name in it is too long, or lies too deep: {shown}")
    if not parts and not entry.folder:
        raise _Refused("a file in it has no name.")
    if entry.what:
        raise _Refused(f"{shown} in it is {entry.what}.")


def _claim(entry: _Entry, parts: list[str], seen: dict[str, tuple[str, bool]]) -> None:
    """Takes a name and those of the folders above it, each of which may be taken again as a folder only."""
    for end in range(1, len(parts) + 1):
        name = "/".join(parts[:end])
        folder = entry.folder or end < len(parts)
        key = unicodedata.normalize("NFC", name).casefold()
        if key not in seen:
            seen[key] = (name, folder)
            continue
        before, was_folder = seen[key]
        if before != name:
            raise _Refused(f"it holds {before} and {name}, which are one name to many systems.")
        if not (was_folder and folder):
            raise _Refused(f"it holds two things of the name {name}.")
