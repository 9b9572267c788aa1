"""The fork server: torch imported and warmed up once, from which every worker is forked in milliseconds.

How it works: the grader starts it as a process of its own (never by fork), with one Unix socket. It answers one request
at a time: ``warm`` loads what some runs need and few others do; ``ready`` makes a drive ready for all later workers;
``fork`` takes two descriptors (the worker's socket, the pipe for its output) and answers with the worker's process id;
``reap`` kills the worker and whatever it left running, removes its folder, and answers with its wait status. Of a
course it executes drives, and never a solution or a submission; it starts no thread, and touches no accelerator, so
that a fork of it is clean. Between requests it looks how much its workers have written and how many threads they have;
once it has forked many it makes forking cheaper (``hugepages``). When its socket closes it ends, and its workers with
it (they ask the kernel to die with their parent).
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np  # noqa: F401  imported here once, so that no worker has to
import torch

from grader.execution import before, hugepages, worker
from grader.execution.confinement import Confinement
from grader.execution.drives import prepare, ready
from grader.execution.folders import remove_tree, written
from grader.execution.limits import Limits, bound_resources, detach_from_parent, keep_only
from grader.execution.protocol import Frame

_MAX_REQUEST = 65_536
_PATIENCE_SECONDS = 0.5
_LOOK_SECONDS = 0.25
_ROOM_SECONDS, _PAUSE_SECONDS = 5.0, 0.01
_MANY_WORKERS = 16  # that were forked: from then on it pays to spend a second on making the next ones cheaper
_MOST_FILES = 5_000  # of one worker
_MOST_BYTES = 200 << 20
_SOME_THREADS, _MOST_THREADS = 64, 256  # of one worker
_PR_SET_CHILD_SUBREAPER = 36


def main(descriptor: int, folder: str, user: int | None, without: Collection[str]) -> None:
    """Serves until the socket ``descriptor`` closes; as ``user``, with the workers' folders in ``folder``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sock = socket.socket(fileno=descriptor)
    _warm_up()
    if user is not None:
        os.chown(folder, user, user)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    try:
        _Server(sock, folder, Confinement(without)).serve()
    finally:
        with contextlib.suppress(OSError):
            os.rmdir(folder)
    os._exit(0)  # to take torch down takes longer than to grade a submission


class _Server:
    def __init__(self, sock: socket.socket, folder: str, confinement: Confinement) -> None:
        self._socket = sock
        self._folder = folder
        self._confinement = confinement
        self._folders: dict[int, str] = {}  # of workers, by process id
        self._ended_for: dict[int, str] = {}
        self._forked = 0  # since the memory of this process was last settled
        self._scattered: list[int] = []  # places in it that are still to become huge pages
        # a process that outlives its parent becomes a child of this one, and can be found
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def serve(self) -> None:
        prepare()
        _settle()
        devices = _devices(self._confinement, self._folder)
        self._answer({"torch": torch.__version__, "devices": devices, "means": self._confinement.means})
        try:
            self._answer_requests()
        finally:
            for pid, folder in self._folders.items():  # the grader may have been killed, and clears up nothing
                _end(pid, patient=False)
                remove_tree(folder)

    def _answer_requests(self) -> None:
        while True:
            while (self._folders or self._scattered) and not self._is_asked():
                if self._scattered:
                    hugepages.collapse(self._scattered.pop())
                self._look_at_workers()
            raw, descriptors, _, _ = socket.recv_fds(self._socket, _MAX_REQUEST, 2)
            if not raw:
                return
            request = Frame.from_bytes(raw)[0].data
            match request["op"]:
                case "warm":
                    _warm_heavy_parts()
                    _settle()
                    self._forked = 0
                    self._answer({})
                case "ready":
                    with contextlib.suppress(BaseException):  # a worker will say what is wrong with it
                        ready(request["drive"])
                    gc.freeze()
                    self._answer({})
                case "fork":
                    self._fork(request, descriptors)
                case "reap":
                    self._reap(request["pid"], patient=request["patient"])

    def _is_asked(self) -> bool:
        seconds = 0 if self._scattered else _LOOK_SECONDS
        return bool(select.select([self._socket], [], [], seconds)[0])

    def _answer(self, data: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        socket.send_fds(self._socket, [Frame(data=data).to_bytes()], descriptors)

    def _fork(self, request: dict[str, Any], descriptors: Sequence[int]) -> None:
        folder = tempfile.mkdtemp(dir=self._folder)
        pid = self._process()
        if pid == 0:
            _become_worker(request, folder, self._confinement, *descriptors)
        for each in descriptors:
            os.close(each)
        self._folders[pid] = folder
        self._forked += 1
        if self._forked == _MANY_WORKERS:
            self._scattered = hugepages.places()
        # by its descriptor the grader finds the process, whose id may be another one outside
        handle = os.pidfd_open(pid)
        self._answer({"pid": pid}, [handle])
        os.close(handle)

    def _process(self) -> int:
        """What ``os.fork`` returns; where there are as many processes as there may be, after room was made for it."""
        deadline = time.monotonic() + _ROOM_SECONDS
        while True:
            try:
                return os.fork()
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise
            for pid in self._folders:
                if _threads_of(pid) > _SOME_THREADS:
                    self._end_for(pid, "started so many threads that nothing else could start")
            time.sleep(_PAUSE_SECONDS)

    def _end_for(self, pid: int, why: str) -> None:
        self._ended_for[pid] = f"was ended because it {why}"
        os.kill(pid, signal.SIGKILL)

    def _reap(self, pid: int, *, patient: bool) -> None:
        status = _end(pid, patient=patient)
        if "seccomp" not in self._confinement.means:  # else there can't be any
            self._end_strays()
        remove_tree(self._folders.pop(pid))
        self._answer({"status": status, "ended_for": self._ended_for.pop(pid, "")})

    def _end_strays(self) -> None:
        """Ends what a worker started and left behind."""
        for entry in filter(str.isdigit, os.listdir("/proc")):
            pid = int(entry)
            if pid not in self._folders and _parent_of(pid) == os.getpid():
                _end(pid, patient=False)

    def _look_at_workers(self) -> None:
        for pid, folder in self._folders.items():
            files, size = written(folder)
            if files > _MOST_FILES or size > _MOST_BYTES:
                limit = f"{_MOST_FILES} files" if files > _MOST_FILES else f"{_MOST_BYTES >> 20} MiB"
                self._end_for(pid, f"wrote more than {limit}")
            elif _threads_of(pid) > _MOST_THREADS:
                self._end_for(pid, f"started more than {_MOST_THREADS} threads")


def _warm_up() -> None:
    """Loads what torch loads lazily at the first recurrent forward and backward."""
    torch.set_num_threads(1)
    for module in (torch.nn.LSTM(3, 4, bidirectional=True), torch.nn.GRU(3, 4), torch.nn.RNN(3, 4)):
        outputs, _ = module(torch.ones(3, 2, 3))
        if not _built_for_accelerators():  # a backward would start a thread for every GPU
            outputs.sum().backward()


def _warm_heavy_parts() -> None:
    """Loads what optimizers and recurrent modules on ``meta`` need: hundreds of modules of torch."""
    torch.optim.SGD(torch.nn.Linear(1, 1).parameters(), lr=0.1)
    for module in (torch.nn.LSTM(3, 4), torch.nn.GRU(3, 4), torch.nn.RNN(3, 4)):
        module.to("meta")(torch.randn(1, 2, 3, device="meta"))


def _built_for_accelerators() -> bool:
    return bool(torch._C._has_cuda or torch._C._has_mps or torch._C._has_xpu)


def _settle() -> None:
    before.note()
    gc.freeze()


def _devices(confinement: Confinement, folder: str) -> list[str]:
    """Accelerators that a worker can use, asked for in a child: it may start a driver that does not survive a fork."""
    if not _built_for_accelerators():
        return []
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            confinement.put_on(folder)
            for name in ("cuda", "mps", "xpu"):
                if getattr(torch, name).is_available():
                    torch.ones(1, device=name).add(1)
                    os.write(writer, f"{name} ".encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        names = answer.read().split()
    os.waitpid(pid, 0)
    return names


def _become_worker(request: dict[str, Any], folder: str, confinement: Confinement, sock: int, output: int) -> None:
    """Turns this forked process into a worker; never returns."""
    try:
        detach_from_parent()
        os.chdir(folder)
        tempfile.tempdir = folder  # which the fork server has asked for, and so would be its own
        os.environ.update(HOME=folder, TMPDIR=folder, USER="submission")  # the last, as nobody may look it up
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        # line by line, so that what it printed is kept however it ends
        sys.stdout = open(1, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
        keep_only({0, 1, 2, sock})
        bound_resources(Limits(**request["limits"]), bound_memory=request["bound_memory"])
        confinement.put_on(folder)
        worker.serve(socket.socket(fileno=sock), bytes.fromhex(request["key"]))
    except BaseException as error:
        with contextlib.suppress(BaseException):
            sys.stderr.write(f"worker: {error!r}\n")
            sys.stderr.flush()
        os._exit(worker.BROKEN)
    finally:
        os._exit(0)


def _end(pid: int, *, patient: bool) -> int | None:
    """Ends a process and its group; returns its wait status, ``None`` where it was expected to end and did not."""
    deadline = time.monotonic() + (_PATIENCE_SECONDS if patient else 0)
    look = os.WEXITED | os.WNOHANG | os.WNOWAIT
    while (ended := os.waitid(os.P_PID, pid, look)) is None and time.monotonic() < deadline:
        time.sleep(0.002)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    return None if patient and ended is None else status


def _threads_of(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return 0


def _parent_of(pid: int) -> int | None:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return None
