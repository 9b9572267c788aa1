"""What a hostile submission would try, as a submission: run in a real worker, it tells what the worker is kept from.

Every attempt is a function that raises where it is kept from it. ``attempts`` runs them all and says of each ``""``
(it went through) or why not. Its source is sent to the worker as a submission's is.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch

_PACKET = b"canary"
_SECONDS = 2.0
_CLEAN = {
    "HOME",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    "PATH",
    "PWD",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "TMPDIR",
    "USER",
}
_CLEAN_PREFIXES = ("CUDA_", "NVIDIA_", "OPENBLAS_", "OMP_", "MKL_", "TORCH", "PYTORCH_")


def attempts(target: Mapping[str, Any]) -> dict[str, str]:
    """Tries everything; ``target`` holds paths, ports and process ids to try it on."""
    others = [os.getppid(), *target["processes"]]
    tried: dict[str, Callable[[], Any]] = {
        "read files": lambda: _read(target["file"]),
        "list folders": lambda: os.listdir(target["folder"]),
        "write files": lambda: open(os.path.join(target["folder"], "written"), "wb").close(),
        "leave files": _leave_a_file,
        "change permissions": lambda: os.chmod(target["file"], 0o666),
        "read memory": lambda: _any(_memory, others),
        "read environments": lambda: _any(lambda pid: _read(f"/proc/{pid}/environ"), others),
        "own environment": _own_environment,
        "descriptors": _descriptors,
        "TCP": lambda: _send(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", target["tcp"])),
        "UDP": lambda: _send(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", target["udp"])),
        "abstract sockets": lambda: _send(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + target["abstract"]),
        "signals": lambda: _any(lambda pid: os.kill(pid, 0), others),
        "limits of others": lambda: _any(lambda pid: resource.prlimit(pid, resource.RLIMIT_NOFILE), others),
        "processes": _process,
        "shared memory": _shared_memory,
        "memory": lambda: mmap.mmap(-1, target["bytes"]).close(),
        "daemon": _daemon,
    }
    answers = {name: _why_not(attempt) for name, attempt in tried.items()}
    answers["torch"] = _why_not(_torch)
    return answers


def _why_not(attempt: Callable[[], Any]) -> str:
    try:
        attempt()
    except BaseException as error:
        return f"{type(error).__name__}: {error}"[:200] or "?"
    return ""


def _any(attempt: Callable[[int], Any], processes: list[int]) -> None:
    """Tries it on each process; raises only where it fails on all."""
    errors = []
    for pid in processes:
        try:
            attempt(pid)
        except OSError as error:
            errors.append(error)
    if len(errors) == len(processes):
        raise errors[0]


def _memory(pid: int) -> None:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/mem", "rb"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    here = (ctypes.c_void_p * 2)(ctypes.addressof(ctypes.create_string_buffer(8)), 8)
    there = (ctypes.c_void_p * 2)(0, 8)  # nothing is there: an error of the address means that the rest was allowed
    ctypes.set_errno(0)
    if libc.process_vm_readv(pid, here, 1, there, 1, 0) < 0 and ctypes.get_errno() != 14:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _read(path: str) -> None:
    with open(path, "rb") as file:
        file.read()


def _leave_a_file() -> None:
    """Writes beside its own folder, where nobody clears up behind a worker."""
    path = os.path.join(os.path.dirname(os.getcwd()), f"canary-{os.getpid()}")
    open(path, "wb").close()
    os.unlink(path)


def _own_environment() -> None:
    found = [name for name in os.environ if name not in _CLEAN and not name.startswith(_CLEAN_PREFIXES)]
    if not found:
        raise OSError("it is clean")


def _descriptors() -> None:
    opened = {int(name) for name in os.listdir("/proc/self/fd")}
    links = {}
    for number in opened - {0, 1, 2}:
        with contextlib.suppress(OSError):  # the one that was listing
            links[number] = os.readlink(f"/proc/self/fd/{number}")
    if sum(link.startswith("socket:") for link in links.values()) == len(links) == 1:
        raise OSError("only its own")


def _send(family: int, kind: int, address: Any) -> None:
    with socket.socket(family, kind) as sock:
        sock.settimeout(_SECONDS)
        sock.connect(address)
        sock.sendall(_PACKET)


def _process() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _shared_memory() -> None:
    with contextlib.suppress(OSError, AttributeError):
        os.close(os.memfd_create("canary"))
        return
    path = f"/dev/shm/grader-canary-{os.getpid()}"
    open(path, "wb").close()
    os.unlink(path)


def _daemon() -> None:
    """Leaves a process in a session of its own, which keeps the worker's output open for as long as it lives."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(_SECONDS)
        os._exit(0)


def _torch() -> None:
    torch.set_num_threads(2)
    try:
        torch.ones(128, 128) @ torch.ones(128, 128)
        outputs, _ = torch.nn.LSTM(3, 4)(torch.ones(5, 2, 3))
        outputs.sum().backward()
    finally:
        torch.set_num_threads(1)
