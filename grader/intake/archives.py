"""Unpacks archives: .zip, .tar and .tar.gz that somebody handed in, and the .zip of a whole cohort.

Nothing is extracted by ``zipfile`` or ``tarfile``: they are asked for names and for the bytes of plain files, and all
that is written are new files and folders, with names that were checked, up to fixed bounds. What an archive says of its
own sizes is not believed, and archives within it are files like others. What is wrong in what one student handed in is
an end of it all; what is wrong in a cohort's costs the member.
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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from grader.errors import SubmissionProblem
from grader.files import kind, read_plain_file
from grader.intake.apart import run_apart
from grader.intake.bounded import At
from grader.plaintext import plain_line

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")
MAX_BYTES = 20 << 20  # of the archive, and of all that is in it
MAX_FILES = 500  # that are written
MAX_ENTRIES = 20_000  # with those that are passed over, such as what .git holds
MAX_DEPTH = 20
MAX_NAME_BYTES = 200  # in one part of a name; 255 is what most file systems allow
MAX_PATH_BYTES = 1_000
MAX_COHORT_BYTES = 4 << 30  # of all that is written of a cohort
MAX_COHORT_MEMBER = 48 << 20  # of one file; the list of who handed in what may be long
MAX_COHORT_ENTRIES = 400_000
_PATIENCE = 60  # times as long as for one submission
_WRITTEN = (".py", ".ipynb", *SUFFIXES, "submission_metadata.yml", "timestamp.txt")  # of the others, only the names
_PASSED_OVER = frozenset({"__MACOSX", ".git", "__pycache__", ".ipynb_checkpoints", ".DS_Store"})
_CHUNK = 1 << 16
_DRIVE = re.compile(r"[A-Za-z]:")
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED, _UTF_8 = 0x1, 0x800  # bits of an entry's flags
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
    run_apart("grader.intake.archives:extract", str(path), str(into))


def extract(path: str, into: str, at: At) -> None:
    """As ``unpack``, in this process; for processes that are bounded."""
    archive = Path(path)
    shown = plain_line(archive.name, 100)
    at(shown)
    raw = read_plain_file(archive, shown, MAX_BYTES, _HINT)
    try:
        if archive.suffix.lower() == ".zip":
            entries = _zip_entries(io.BytesIO(raw))
        else:
            entries = _tar_entries(raw, archive.suffix.lower())
        _write(entries, Path(into))
    except _Refused as refused:
        raise SubmissionProblem(f"{shown} is not unpacked: {refused}") from refused
    except _DAMAGED as error:
        text = "it is damaged, cut short, or no archive of that kind. Pack it again."
        raise SubmissionProblem(f"{shown} can't be unpacked: {text}") from error


@dataclass(frozen=True, kw_only=True, slots=True)
class Unpacked:
    """What a cohort's archive held.

    Attributes:
        names: of files and folders, by what they are called where they were written, if that is something else.
        refused: names of members that were not written, as they stand in the archive, each with the reason.
    """

    names: dict[str, str]
    refused: tuple[tuple[str, str], ...]


def unpack_cohort(path: Path, into: Path) -> Unpacked:
    """Unpacks the .zip of a whole cohort into an empty folder, in a process of its own.

    Of files that can't be code, nor say anything of it, only the name is kept: they are written with nothing in them.

    Raises:
        SubmissionProblem: it is no such archive, or holds more than any cohort hands in.
        InternalFault: the files could not be written.
    """
    found = run_apart("grader.intake.archives:extract_cohort", str(path), str(into), patience=_PATIENCE)
    return Unpacked(names=found["names"], refused=tuple((name, why) for name, why in found["refused"]))


def extract_cohort(path: str, into: str, at: At) -> dict[str, Any]:
    """As ``unpack_cohort``, in this process; for processes that are bounded."""
    shown = plain_line(Path(path).name, 100)
    at(shown)
    names: dict[str, str] = {}
    refused: list[tuple[str, str]] = []
    try:
        with open(path, "rb") as file:
            _write_cohort(_zip_entries(file), Path(into), names, refused)
    except _Refused as problem:
        raise SubmissionProblem(f"{shown} is not unpacked: {problem}") from problem
    except _DAMAGED as error:
        raise SubmissionProblem(f"{shown} can't be unpacked: it is damaged, cut short, or no .zip.") from error
    return {"names": names, "refused": refused}


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


def _zip_entries(raw: IO[bytes]) -> Iterator[_Entry]:
    archive = zipfile.ZipFile(raw)
    for info in archive.infolist():
        folder = info.filename.endswith("/")  # info.is_dir() fails where there is no name
        what = kind(info.external_attr >> 16) if not folder else ""
        if info.flag_bits & _ENCRYPTED:
            what = "encrypted; pack it without a password"
        elif info.compress_type not in _COMPRESSIONS:
            what = "packed in a way that is not read; pack it as an ordinary zip"

        def opened(info: zipfile.ZipInfo = info) -> IO[bytes]:
            return archive.open(info)

        yield _Entry(name=_name_in_zip(info), what=what, folder=folder, size=info.file_size, open=opened)


def _name_in_zip(info: zipfile.ZipInfo) -> str:
    """The name; many programs, that of macOS among them, write UTF-8 and don't say so."""
    if info.flag_bits & _UTF_8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


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
    seen: _Seen = {}
    for number, entry in enumerate(entries, start=1):
        if number > MAX_ENTRIES:
            raise _Refused(f"it holds more than {MAX_ENTRIES:,} files and folders. {_HINT}")
        parts = parts_of(entry.name)
        if any(map(is_passed_over, parts)):
            continue
        _check_name(entry, parts)
        _check_kind(entry)
        _claim(entry, parts, seen)
        target = into.joinpath(*parts)
        if entry.folder:
            target.mkdir(parents=True, exist_ok=True)
            continue
        files += 1
        if files > MAX_FILES:
            raise _Refused(f"it holds more than {MAX_FILES} files. {_HINT}")
        target.parent.mkdir(parents=True, exist_ok=True)
        written += _copy(entry, target, MAX_BYTES - written, _too_large())


def _write_cohort(entries: Iterator[_Entry], into: Path, names: dict[str, str], refused: list[tuple[str, str]]) -> None:
    written = 0
    seen: _Seen = {}
    for number, entry in enumerate(entries, start=1):
        if number > MAX_COHORT_ENTRIES:
            raise _Refused(f"it holds more than {MAX_COHORT_ENTRIES:,} files and folders.")
        originals = entry.name.replace("\\", "/").split("/")
        if any(map(is_passed_over, originals)):
            continue
        writable = [writable_name(part) for part in originals]
        names |= {new: old for new, old in zip(writable, originals, strict=True) if new != old}
        member = replace(entry, name="/".join(writable))
        parts = parts_of(member.name)
        try:
            _check_name(member, parts)
            _claim(member, parts, seen)
            target = into.joinpath(*parts)
            (target if entry.folder else target.parent).mkdir(parents=True, exist_ok=True)
            _check_kind(member)
            if entry.folder:
                continue
            if not target.name.lower().endswith(_WRITTEN):
                target.touch(exist_ok=False)
                continue
            too_large = f"it has more than {MAX_COHORT_MEMBER:,} bytes."
            written += _copy(member, target, MAX_COHORT_MEMBER, too_large)
        except _Refused as problem:
            refused.append((entry.name, str(problem)))
        except _DAMAGED:
            refused.append((entry.name, "it is damaged."))
        if written > MAX_COHORT_BYTES:
            raise _Refused(f"the code in it has more than {MAX_COHORT_BYTES:,} bytes.")


def _copy(entry: _Entry, target: Path, most: int, too_large: str) -> int:
    """Writes a new file, and gives its size; none is left that is not whole."""
    came = 0
    try:
        with entry.open() as source, target.open("xb") as file:
            while chunk := source.read(_CHUNK):
                came += len(chunk)
                if came > most:
                    raise _Refused(too_large)
                file.write(chunk)
        if came != entry.size:
            raise EOFError(f"{came} bytes of {entry.size}")
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return came


def writable_name(part: str) -> str:
    """A part of a name as it can be written and shown: the same where it is that already."""
    if plain_line(part) == part and len(part.encode("utf-8")) <= MAX_NAME_BYTES:
        return part
    start = "".join(char if plain_line(char) == char else "_" for char in part)
    suffix = next((each for each in _WRITTEN if start.lower().endswith(each)), "")
    raw = part.encode("utf-8", "surrogatepass")
    kept = start.encode("utf-8", "replace")[: MAX_NAME_BYTES - 50].decode("utf-8", "ignore").removesuffix(suffix)
    return f"{kept}~{zlib.crc32(raw):08x}{suffix}"


def _too_large() -> str:
    return f"what is in it has more than {MAX_BYTES:,} bytes. {_HINT}"


def parts_of(name: str) -> list[str]:
    """The parts of a name; some programs that pack on Windows write backslashes."""
    return [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]


def _check_name(entry: _Entry, parts: list[str]) -> None:
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


def _check_kind(entry: _Entry) -> None:
    if entry.what:
        raise _Refused(f"{plain_line(entry.name, 100)} in it is {entry.what}.")


_Seen = dict[str, tuple[str, bool]]  # what stands under a name that file systems may take for the same


def _claim(entry: _Entry, parts: list[str], seen: _Seen) -> None:
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
