"""What confines a worker from within: each means tried in a process of its own, alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.execution import landlock, seccomp
from grader.execution.confinement import Confinement, readable_paths

needs_landlock = pytest.mark.skipif(
    sys.platform != "linux" or landlock.abi() < 1, reason="this kernel has no Landlock: there is nothing to test"
)
needs_seccomp = pytest.mark.skipif(
    sys.platform != "linux" or not seccomp.available(), reason="libseccomp is not installed: there is nothing to test"
)
ROOT = Path(__file__).resolve().parents[2]
NO_NEW_PRIVS = "import ctypes; ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)"


def tried(confine: str, attempt: str) -> str:
    """What comes of an attempt in a process that was confined before: ``done``, or the name of the exception."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        f"import os, signal, socket, threading, resource\n{NO_NEW_PRIVS}\n{confine}\n"
        f"try:\n    {attempt}\nexcept BaseException as error:\n    print(type(error).__name__)\n"
        "else:\n    print('done')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


FILES = {
    "read what it may read": ("open('{readable}/file').read()", "done"),
    "write what it may read": ("open('{readable}/file', 'a')", "PermissionError"),
    "read another file": ("open('{other}/file').read()", "PermissionError"),
    "list another folder": ("os.listdir('{other}')", "PermissionError"),
    "write another file": ("open('{other}/new', 'w')", "PermissionError"),
    "remove another file": ("os.unlink('{other}/file')", "PermissionError"),
    "cut another file short": ("os.truncate('{other}/file', 0)", "PermissionError"),
    "write its own file": ("open('{own}/new', 'w').write('x')", "done"),
    "make its own folder": ("os.makedirs('{own}/new/er')", "done"),
    "rename its own file": ("open('{own}/a', 'w').close(); os.rename('{own}/a', '{own}/b')", "done"),
    "move another file to itself": ("os.rename('{other}/file', '{own}/file')", "PermissionError OSError"),
    "reach another file by a link": (
        "os.symlink('{other}/file', '{own}/link'); open('{own}/link').read()",
        "PermissionError",
    ),
}


@needs_landlock
@pytest.mark.parametrize(("attempt", "outcome"), FILES.values(), ids=FILES)
def test_landlock(tmp_path: Path, attempt: str, outcome: str) -> None:
    """Files are read where they may be read, written where they may be written, and nowhere else."""
    folders = {name: tmp_path / name for name in ("readable", "own", "other")}
    for folder in folders.values():
        folder.mkdir()
        (folder / "file").write_text("text", encoding="ascii")
    readable = [*readable_paths(), str(ROOT / "grader"), str(folders["readable"])]
    confine = (
        "from grader.execution import landlock\n"
        f"landlock.restrict(readable={readable!r}, writable=[{str(folders['own'])!r}])"
    )
    assert tried(confine, attempt.format(**folders)) in outcome.split()
    assert (folders["other"] / "file").read_text(encoding="ascii") == "text"
    assert list(folders["other"].iterdir()) == [folders["other"] / "file"]


CALLS = {
    "start a process": ("os.fork()", "PermissionError"),
    "start a program": ("os.execv('/bin/true', ['true'])", "PermissionError"),
    "start a program beside itself": ("os.posix_spawn('/bin/true', ['true'], {})", "PermissionError"),
    "start a thread": ("t = threading.Thread(target=len, args=('',)); t.start(); t.join()", "done"),
    "open a socket": ("socket.socket()", "PermissionError"),
    "open a pair of streams": (
        "one, other = socket.socketpair(); one.send(b'x'); assert other.recv(1) == b'x'",
        "done",
    ),
    "open a pair of streams, with a flag": (
        "socket.socketpair(type=socket.SOCK_STREAM | socket.SOCK_NONBLOCK)",
        "done",
    ),
    "send through a pair of streams to somebody else": (
        "socket.socketpair()[0].sendto(b'x', '/nowhere')",
        "OSError",
    ),
    "open a pair of sockets for datagrams": ("socket.socketpair(type=socket.SOCK_DGRAM)", "PermissionError"),
    "open a pair of sockets for packets": ("socket.socketpair(type=socket.SOCK_SEQPACKET)", "PermissionError"),
    "open a pair of another family": ("socket.socketpair(socket.AF_INET)", "PermissionError"),
    "signal its parent": ("os.kill(os.getppid(), 0)", "PermissionError"),
    "signal its group": ("os.kill(0, 0)", "PermissionError"),
    "signal everybody": ("os.kill(-1, 0)", "PermissionError"),
    "signal itself": ("os.kill(os.getpid(), 0); signal.raise_signal(0)", "done"),
    "look at limits of its parent": ("resource.prlimit(os.getppid(), resource.RLIMIT_CPU)", "PermissionError"),
    "look at its own limits": ("resource.getrlimit(resource.RLIMIT_CPU)", "done"),
    "lower its priority": ("os.nice(1)", "done"),
    "change the priority of its parent": (
        "os.setpriority(os.PRIO_PROCESS, os.getppid(), 1)",
        "PermissionError",
    ),
    "change the priority of all of its user's processes": ("os.setpriority(os.PRIO_USER, 0, 1)", "PermissionError"),
    "have its parent signalled when a pipe can be read": (
        "import fcntl; fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, os.getppid())",
        "PermissionError",
    ),
    "have its parent signalled, by another call": (
        "import fcntl; fcntl.ioctl(os.pipe()[0], 0x8901, os.getppid().to_bytes(4, sys.byteorder))",
        "PermissionError",
    ),
    "set flags of a descriptor": (
        "import fcntl; end = os.pipe()[0]; fcntl.fcntl(end, fcntl.F_SETFL, fcntl.fcntl(end, fcntl.F_GETFL))",
        "done",
    ),
    "outlive its parent": ("assert ctypes.CDLL(None).prctl(1, 0, 0, 0, 0) == -1", "done"),
    "outlive its parent, by a number that is as good": (
        "assert ctypes.CDLL(None).prctl(ctypes.c_ulong(1 << 32 | 1), 0, 0, 0, 0) == -1",
        "done",
    ),
    "cut a file short by its name": ("os.truncate('/nowhere', 0)", "PermissionError"),
    "cut a file short that it reads": ("os.open('/nowhere', os.O_RDONLY | os.O_TRUNC)", "PermissionError"),
    "cut a file short that it writes": ("os.ftruncate(os.open(os.devnull, os.O_RDWR | os.O_TRUNC), 0)", "OSError"),
    "take memory that is no limit's": ("os.memfd_create('x')", "PermissionError"),
    "change permissions": ("os.chmod('/tmp', 0o777)", "PermissionError"),
    "change an owner": ("os.chown('/tmp', 0, 0)", "PermissionError"),
    "change times": ("os.utime('/tmp')", "PermissionError"),
    "make namespaces": (
        "ctypes.CDLL(None, use_errno=True).unshare(0x10000000) and os.strerror(0 / 0)",
        "ZeroDivisionError",
    ),
    "lift the filter": ("assert ctypes.CDLL(None).prctl(22, 0, 0, 0, 0) == -1", "done"),
}


@needs_seccomp
@pytest.mark.parametrize(("attempt", "outcome"), CALLS.values(), ids=CALLS)
def test_seccomp(attempt: str, outcome: str) -> None:
    """System calls that reach beyond the process raise where they are made; threads and signals to itself stay."""
    confine = "from grader.execution import seccomp\nseccomp.Filter().load()"
    assert tried(confine, attempt) == outcome


@needs_seccomp
def test_seccomp_needs_no_compiler_to_be_found() -> None:
    """The library is opened by its name: no program is started to look for it."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\nimport subprocess\n"
        "subprocess.Popen = None\nfrom grader.execution import seccomp\nprint(seccomp.available())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "True\n"


def test_means_can_be_left_out() -> None:
    """What is left out by name is not used, and not said to be."""
    assert Confinement(without=("Landlock", "seccomp")).means == ()


def test_what_may_be_read_holds_no_course() -> None:
    """The libraries may be read, and the package; neither the checkout around it nor anybody's home."""
    paths = [Path(path).resolve() for path in readable_paths()]
    for secret in (ROOT, ROOT / "solutions" / "init_hidden" / "solution.py", Path.home() / ".ssh", Path("/etc/shadow")):
        assert not any(secret.is_relative_to(path) for path in paths), secret
    assert os.path.realpath(ROOT / "grader") in map(str, paths)
