"""Archives that somebody handed in: what is unpacked, and what never is."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import SubmissionProblem
from grader.grading import Grader
from grader.intake.archives import MAX_BYTES, MAX_ENTRIES, MAX_FILES, extract, unpack
from grader.submission import read_submission
from tests.sources import init_hidden, returning

SOURCE = b"def init_hidden(rnn, batch_size):\n    return None\n"
DAMAGED = "{} can't be unpacked: it is damaged, cut short, or no archive of that kind. Pack it again."
CODE_ONLY = "Hand in your code only: no data, no virtual environment."


def a_zip(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip of names, or of entries described in full, with their content."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries:
            archive.writestr(entry, content, compress_type=zipfile.ZIP_DEFLATED)
    return raw.getvalue()


def of_mode(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (mode | 0o644) << 16
    info.create_system = 3
    return info


def a_tar(*entries: tuple[str | tarfile.TarInfo, bytes]) -> bytes:
    """The same as a tar."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for entry, content in entries:
            info = tarfile.TarInfo(entry) if isinstance(entry, str) else entry
            if info.isreg():
                info.size = len(content)
            archive.addfile(info, io.BytesIO(content) if info.isreg() else None)
    return raw.getvalue()


def of_type(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.fixture
def lay(tmp_path: Path) -> Callable[[str, bytes], tuple[Path, Path]]:
    """Writes an archive; gives its path, and an empty folder to unpack it in."""

    def write(name: str, raw: bytes) -> tuple[Path, Path]:
        path, into = tmp_path / "in" / name, tmp_path / "out"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(raw)
        into.mkdir(exist_ok=True)
        return path, into

    return write


def found(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def problem_of(path: Path, into: Path) -> str:
    """What is said of an archive that is not unpacked; nothing of it may lie anywhere but in its folder."""
    before = found(path.parent)
    with pytest.raises(SubmissionProblem) as caught:
        extract(str(path), str(into), lambda what: None)
    assert found(path.parent) == before
    assert {each.name for each in into.parent.iterdir()} == {"in", "out"}
    return str(caught.value)


ORDINARY = (("hw/a.py", SOURCE), ("hw/deeper/b.txt", b"b"), ("c.py", b""))
KINDS = {
    "work.zip": a_zip(*ORDINARY),
    "WORK.ZIP": a_zip(*ORDINARY),
    "work.tar": a_tar(*ORDINARY),
    "work.tar.gz": gzip.compress(a_tar(*ORDINARY)),
    "work.tgz": gzip.compress(a_tar(*ORDINARY)),
}


@pytest.mark.parametrize("name", KINDS)
def test_unpacks_files_and_folders(lay: Callable[[str, bytes], tuple[Path, Path]], name: str) -> None:
    """Each kind of archive gives its files, in its folders, with nothing but their content kept."""
    path, into = lay(name, KINDS[name])
    unpack(path, into)
    assert found(into) == dict(ORDINARY)
    assert all(stat.S_IMODE(each.stat().st_mode) & 0o111 == 0 for each in into.rglob("*") if each.is_file())


@pytest.mark.parametrize("pack", [a_zip, a_tar], ids=["zip", "tar"])
def test_passes_over_what_tools_leave(
    lay: Callable[[str, bytes], tuple[Path, Path]], pack: Callable[..., bytes]
) -> None:
    """What systems and tools put beside the code is not unpacked, whatever it is, and nothing is said of it."""
    junk = ("__MACOSX/hw/._a.py", "hw/._a.py", "hw/.DS_Store", "hw/.git/config", "hw/__pycache__/a.pyc")
    raw = pack(*((name, b"\0") for name in (*junk, "hw/.ipynb_checkpoints/a-checkpoint.ipynb")), ("hw/a.py", SOURCE))
    path, into = lay("work.zip" if pack is a_zip else "work.tar", raw)
    unpack(path, into)
    assert found(into) == {"hw/a.py": SOURCE}


def test_archives_within_it_are_files(lay: Callable[[str, bytes], tuple[Path, Path]]) -> None:
    """An archive in an archive is not opened."""
    inner = a_zip(("b.py", SOURCE))
    path, into = lay("work.zip", a_zip(("a.py", SOURCE), ("inner.zip", inner)))
    unpack(path, into)
    assert found(into) == {"a.py": SOURCE, "inner.zip": inner}


LEADS_OUT = ("../evil.py", "a/../../evil.py", "/tmp/evil.py", "\\evil.py", "..\\evil.py", "C:\\evil.py", "c:evil.py")


@pytest.mark.parametrize("pack", [a_zip, a_tar], ids=["zip", "tar"])
@pytest.mark.parametrize("name", LEADS_OUT)
def test_no_name_leads_out(
    lay: Callable[[str, bytes], tuple[Path, Path]], pack: Callable[..., bytes], name: str
) -> None:
    """A name that goes up, or begins at a root or a drive, is refused, and nothing is written there."""
    path, into = lay("work.zip" if pack is a_zip else "work.tar", pack((name, b"evil")))
    assert problem_of(path, into) == f"{path.name} is not unpacked: a name in it leads out of its folder: {name}"
    assert found(into) == {}


HOSTILE_NAMES = {
    "escape": ("a\x1b[2J.py", r"a name in it has characters that can't be seen: a\x1b[2J.py"),
    "line end": ("a\nb.py", r"a name in it has characters that can't be seen: a\nb.py"),
    "direction": ("a\u202eyp.exe", r"a name in it has characters that can't be seen: a\u202eyp.exe"),
    "long part": ("a" * 201 + ".py", f"a name in it is too long, or lies too deep: {'a' * 100} …"),
    "deep": ("a/" * 20 + "b.py", f"a name in it is too long, or lies too deep: {'a/' * 20}b.py"),
    "long in all": (f"{'a' * 199}/" * 6 + "b.py", f"a name in it is too long, or lies too deep: {'a' * 100} …"),
    "no name": ("./", ""),
}


@pytest.mark.parametrize("pack", [a_zip, a_tar], ids=["zip", "tar"])
@pytest.mark.parametrize(("name", "message"), HOSTILE_NAMES.values(), ids=HOSTILE_NAMES)
def test_names_are_names(
    lay: Callable[[str, bytes], tuple[Path, Path]], pack: Callable[..., bytes], name: str, message: str
) -> None:
    """Names that can't be seen, are too long, or lie too deep are refused and shown so that they do no harm."""
    path, into = lay("work.zip" if pack is a_zip else "work.tar", pack((name, b"")))
    if message:
        assert problem_of(path, into) == f"{path.name} is not unpacked: {message}"
    elif pack is a_zip:
        extract(str(path), str(into), lambda what: None)  # the folder itself
    else:
        assert problem_of(path, into) == f"{path.name} is not unpacked: a file in it has no name."


def test_a_name_that_is_no_text_is_refused(lay: Callable[[str, bytes], tuple[Path, Path]]) -> None:
    """Bytes that are no UTF-8 in the name of a file in a tar are shown as such."""
    path, into = lay("work.tar", a_tar(("caf\udce9.py", SOURCE)))
    assert problem_of(path, into) == (
        r"work.tar is not unpacked: a name in it has characters that can't be seen: caf\udce9.py"
    )


NO_FILES = {
    "zip, symbolic link": ("work.zip", a_zip((of_mode("a.py", stat.S_IFLNK), b"/etc/passwd")), "a symbolic link"),
    "zip, FIFO": ("work.zip", a_zip((of_mode("a.py", stat.S_IFIFO), b"")), "a FIFO"),
    "zip, device": ("work.zip", a_zip((of_mode("a.py", stat.S_IFCHR), b"")), "a device"),
    "zip, socket": ("work.zip", a_zip((of_mode("a.py", stat.S_IFSOCK), b"")), "a socket"),
    "tar, symbolic link": (
        "work.tar",
        a_tar((of_type("a.py", tarfile.SYMTYPE, "/etc/passwd"), b"")),
        "a symbolic link",
    ),
    "tar, hard link": ("work.tar", a_tar((of_type("a.py", tarfile.LNKTYPE, "/etc/passwd"), b"")), "a hard link"),
    "tar, FIFO": ("work.tar", a_tar((of_type("a.py", tarfile.FIFOTYPE), b"")), "a FIFO"),
    "tar, device": ("work.tar", a_tar((of_type("a.py", tarfile.CHRTYPE), b"")), "a device"),
    "tar, of no kind": ("work.tar", a_tar((of_type("a.py", b"Z"), b"")), "of a kind that is not known"),
}


@pytest.mark.parametrize(("name", "raw", "what"), NO_FILES.values(), ids=NO_FILES)
def test_only_files_and_folders_are_unpacked(
    lay: Callable[[str, bytes], tuple[Path, Path]], name: str, raw: bytes, what: str
) -> None:
    """Links, special files and what nobody knows are refused."""
    path, into = lay(name, raw)
    assert problem_of(path, into) == f"{name} is not unpacked: a.py in it is {what}."
    assert list(into.iterdir()) == []


def test_nothing_is_written_through_a_link(lay: Callable[[str, bytes], tuple[Path, Path]]) -> None:
    """A link and then a file below its name write nothing where it leads."""
    entries = ((of_type("out", tarfile.SYMTYPE, "../in"), b""), ("out/evil.py", SOURCE))
    path, into = lay("work.tar", a_tar(*entries))
    assert problem_of(path, into) == "work.tar is not unpacked: out in it is a symbolic link."


DOUBLES = {
    "the same": (("a.py", "a.py"), "it holds two things of the name a.py."),
    "one letter": (("a", "a"), "it holds two things of the name a."),
    "other case": (("hw.py", "HW.py"), "it holds hw.py and HW.py, which are one name to many systems."),
    "other accents": (
        ("\u00e9.py", "e\u0301.py"),
        "it holds \u00e9.py and e\u0301.py, which are one name to many systems.",
    ),
    "written otherwise": (("a/b.py", "a//./b.py"), "it holds two things of the name a/b.py."),
    "file, then folder": (("a", "a/b.py"), "it holds two things of the name a."),
    "folder, then file": (("a/b.py", "a"), "it holds two things of the name a."),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("pack", [a_zip, a_tar], ids=["zip", "tar"])
@pytest.mark.parametrize(("names", "message"), DOUBLES.values(), ids=DOUBLES)
def test_a_name_stands_for_one_thing(
    lay: Callable[[str, bytes], tuple[Path, Path]], pack: Callable[..., bytes], names: tuple[str, str], message: str
) -> None:
    """Two entries of one name, or of names that are one on other systems, leave open which one counts."""
    path, into = lay("work.zip" if pack is a_zip else "work.tar", pack(*((name, SOURCE) for name in names)))
    assert problem_of(path, into) == f"{path.name} is not unpacked: {message}"


def test_a_folder_may_be_named_again(lay: Callable[[str, bytes], tuple[Path, Path]]) -> None:
    """Folders that stand there twice, and after what is in them, are folders."""
    folder = of_type("a", tarfile.DIRTYPE)
    path, into = lay("work.tar", a_tar(("a/b.py", SOURCE), (folder, b""), (folder, b"")))
    unpack(path, into)
    assert found(into) == {"a/b.py": SOURCE}


BOMB = bytes(MAX_BYTES + 1)
TOO_MUCH = f"what is in it has more than {MAX_BYTES:,} bytes. {CODE_ONLY}"
TOO_MANY = tuple((f"{i}.txt", b"") for i in range(MAX_FILES + 1))
BOMBS = {
    "zip, one file": ("work.zip", lambda: a_zip(("zeros", BOMB)), TOO_MUCH),
    "zip, many files": ("work.zip", lambda: a_zip(*((str(i), BOMB[: 1 << 20]) for i in range(21))), TOO_MUCH),
    "tar.gz, one file": ("work.tgz", lambda: gzip.compress(a_tar(("zeros", BOMB + BOMB))), TOO_MUCH),
    "tar.gz, a header": ("work.tgz", lambda: gzip.compress(_pax(3 * MAX_BYTES)), TOO_MUCH),
    "zip, many names": ("work.zip", lambda: a_zip(*TOO_MANY), f"it holds more than {MAX_FILES} files. {CODE_ONLY}"),
    "tar, many names": ("work.tar", lambda: a_tar(*TOO_MANY), f"it holds more than {MAX_FILES} files. {CODE_ONLY}"),
    "tar, many folders": (
        "work.tgz",
        lambda: gzip.compress(_many_folders()),
        f"it holds more than {MAX_ENTRIES:,} files and folders. {CODE_ONLY}",
    ),
}


def _pax(size: int) -> bytes:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, size
    return header.tobuf(tarfile.USTAR_FORMAT) + b"9" * size


def _many_folders() -> bytes:
    return of_type("a", tarfile.DIRTYPE).tobuf(tarfile.USTAR_FORMAT) * (MAX_ENTRIES + 1) + bytes(1024)


@pytest.mark.parametrize(("name", "make", "message"), BOMBS.values(), ids=BOMBS)
def test_bombs_stop_at_the_bound(
    lay: Callable[[str, bytes], tuple[Path, Path]], name: str, make: Callable[[], bytes], message: str
) -> None:
    """What grows when it is unpacked is unpacked up to the bound, in bytes and in files, and then refused."""
    path, into = lay(name, make())
    assert problem_of(path, into) == f"{name} is not unpacked: {message}"
    assert sum(map(len, found(into).values())) <= MAX_BYTES


def test_a_large_archive_is_not_opened(lay: Callable[[str, bytes], tuple[Path, Path]]) -> None:
    """An archive over the bound is refused as it is."""
    path, into = lay("work.zip", b"PK" + BOMB)
    assert problem_of(path, into) == f"work.zip has more than {MAX_BYTES:,} bytes; no more are read. {CODE_ONLY}"


def _encrypted() -> bytes:
    raw = bytearray(a_zip(("a.py", SOURCE)))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def _packed_otherwise() -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.py", SOURCE)
    return raw.getvalue()


def _claims(size: int) -> bytes:
    """A zip whose entry says that it has another size, in both headers."""
    raw = bytearray(a_zip(("a.py", SOURCE)))
    raw[22:26] = struct.pack("<I", size)
    central = raw.index(b"PK\x01\x02")
    raw[central + 24 : central + 28] = struct.pack("<I", size)
    return bytes(raw)


def _header_broken() -> bytes:
    raw = bytearray(a_tar(("a.py", SOURCE), ("b.py", SOURCE)))
    raw[1024 + 148] ^= 0xFF  # in the checksum of the second header
    return bytes(raw)


def _wrong_bytes() -> bytes:
    info = zipfile.ZipInfo("a.py")
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(info, SOURCE)
    return raw.getvalue().replace(b"return None", b"return 1234")


def _holes() -> bytes:
    info = tarfile.TarInfo("a.py")
    info.type, info.size = tarfile.GNUTYPE_SPARSE, 0
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"%011o\0" % (1 << 32) + b"%011o\0" % 0
    header[483:495] = b"%011o\0" % (1 << 32)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(1024)


REFUSED = {
    "without a name": (
        "work.zip",
        a_zip(("ab", SOURCE)).replace(b"ab", b"\0b"),  # a name ends at a null byte
        "{} is not unpacked: a file in it has no name.",
    ),
    "encrypted": ("work.zip", _encrypted(), "{} is not unpacked: a.py in it is encrypted; pack it without a password."),
    "packed otherwise": (
        "work.zip",
        _packed_otherwise(),
        "{} is not unpacked: a.py in it is packed in a way that is not read; pack it as an ordinary zip.",
    ),
    "with holes": (
        "work.tar",
        _holes(),
        "{} is not unpacked: a.py in it is a file with holes; pack it again without them.",
    ),
    "smaller than it says": ("work.zip", _claims(1 << 30), DAMAGED),
    "larger than it says": ("work.zip", _claims(10), DAMAGED),
    "other bytes than it says": ("work.zip", _wrong_bytes(), DAMAGED),
    "zip cut short": ("work.zip", KINDS["work.zip"][:-30], DAMAGED),
    "tar cut short in a file": ("work.tar", a_tar(("a.py", SOURCE * 100))[:1024], DAMAGED),
    "tar cut short between files": ("work.tar", KINDS["work.tar"][:1024], DAMAGED),
    "tar with a broken header": ("work.tar", _header_broken(), DAMAGED),
    "gzip cut short": ("work.tar.gz", KINDS["work.tar.gz"][:-12], DAMAGED),
    "tar that is a zip": ("work.tar", KINDS["work.zip"], DAMAGED),
    "zip that is a tar": ("work.zip", KINDS["work.tar"], DAMAGED),
    "gzip that is none": ("work.tar.gz", KINDS["work.tar"], DAMAGED),
    "empty": ("work.zip", b"", DAMAGED),
    "text": ("work.tar", SOURCE, DAMAGED),
}


@pytest.mark.parametrize(("name", "raw", "message"), REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_read_is_said(
    lay: Callable[[str, bytes], tuple[Path, Path]], name: str, raw: bytes, message: str
) -> None:
    """What is encrypted, lies about itself, is cut short or no archive at all is refused in words."""
    path, into = lay(name, raw)
    assert problem_of(path, into) == message.format(name)


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_damage_never_raises_anything_else(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    """Any bytes of an archive may be changed, or missing: it is unpacked or refused, and nothing lies outside."""
    raw = bytearray(KINDS[name])
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=8)):
        raw[place] = data.draw(st.integers(0, 255))
    folder = tmp_path_factory.mktemp("damaged")
    (folder / name).write_bytes(raw[: data.draw(st.integers(len(raw) // 2, len(raw)))])
    (folder / "out").mkdir()
    try:
        extract(str(folder / name), str(folder / "out"), lambda what: None)
    except SubmissionProblem:
        pass
    assert {each.name for each in folder.iterdir()} == {name, "out"}


# As submissions


@pytest.mark.parametrize(
    ("names", "location"),
    [
        (("hw.py", "notes.txt"), "work/hw.py"),
        (("homework/hw.py", "homework/data/x.txt"), "homework/hw.py"),
        (("a/b/hw.py", "__MACOSX/a/b/._hw.py"), "a/b/hw.py"),
    ],
    ids=["at its top", "in a folder", "deeper"],
)
def test_is_read_as_its_folder_is(
    lay: Callable[[str, bytes], tuple[Path, Path]], names: tuple[str, ...], location: str
) -> None:
    """An archive is a submission, with the files of its only folder; its place is where unpacking puts them."""
    path, _ = lay("work.zip", a_zip(*((name, SOURCE) for name in names)))
    submission = read_submission(path)
    (file,) = submission.files
    assert (submission.path, file.name, file.problem) == (str(path), "hw.py", "")
    assert submission.location(file) == str(path.parent / location)
    assert file.defined == {"init_hidden": "hw.py, line 1"}


def test_is_graded_as_its_folder_is(
    lay: Callable[[str, bytes], tuple[Path, Path]], tmp_path: Path, small_grader: Grader
) -> None:
    """An archive gets the marks of what is in it, and its counterexamples name the files as they lie unpacked."""
    right, wrong = init_hidden(before="import helper"), returning("helper.THREE", before="import helper")
    for source, score in ((right, 10), (wrong, 0)):
        path, _ = lay("work.zip", a_zip(("hw/hw.py", source.encode()), ("hw/helper.py", b"THREE = 3")))
        (result,) = small_grader.grade_submission(read_submission(path), ["init_hidden"]).exercises
        assert (result.score, result.message) == (score, "")
    shown = result.properties[0].counterexample
    assert shown is not None
    assert f"sys.path.insert(0, {str(path.parent / 'hw')!r})\nfrom hw import init_hidden" in shown.script


def test_nothing_is_left_of_it(
    lay: Callable[[str, bytes], tuple[Path, Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it was unpacked is gone once it is read, also where it is refused half-way."""
    spare = tmp_path / "spare"
    spare.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spare))
    for raw in (KINDS["work.zip"], a_zip(("a.py", SOURCE), ("../b.py", SOURCE))):
        path, _ = lay("work.zip", raw)
        read_submission(path)
        assert list(spare.iterdir()) == []


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (a_zip(("../hw.py", SOURCE)), "work.zip is not unpacked: a name in it leads out of its folder: ../hw.py"),
        (
            a_zip(("a/hw.txt", SOURCE), ("b/.hw.py", SOURCE)),
            "work.zip holds nothing to grade: expected .py or .ipynb files in it, or in folders in it.",
        ),
        (b"PK", DAMAGED.format("work.zip")),
    ],
    ids=["leads out", "no code", "damaged"],
)
def test_one_that_is_refused_is_a_verdict(
    lay: Callable[[str, bytes], tuple[Path, Path]], raw: bytes, message: str
) -> None:
    """What is wrong with an archive is the submission's problem; those beside it are read all the same."""
    path, _ = lay("work.zip", raw)
    (file,) = read_submission(path).files
    assert (file.name, file.problem) == ("work.zip", message)
