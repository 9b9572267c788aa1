"""The fork server: torch imported and warmed up once, from which every worker is forked in milliseconds.

How it works: the grader starts it as a process of its own (never by fork), with one Unix socket. It answers one
request at a time: ``warm`` loads what some runs need and few others do; ``fork`` takes two descriptors (the worker's
socket, the pipe for its output) and answers with the worker's process id; ``reap`` kills the worker's process group
if anything of it still runs, and answers with its wait status. It never imports an exercise, a solution or a
submission, starts no thread, and touches no accelerator, so that a fork of it is clean. When its socket closes it
ends, and its workers with it (they ask the kernel to die with their parent).
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import time
from typing import Any

import numpy as np  # noqa: F401  imported here once, so that no worker has to
import torch

from grader.execution import worker
from grader.execution.limits import Limits, detach_from_parent, keep_only
from grader.execution.protocol import Channel, Frame

_MAX_REQUEST = 65_536
_PATIENCE_SECONDS = 0.5


def main(descriptor: int) -> None:
    """Serves until the socket ``descriptor`` closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sock = socket.socket(fileno=descriptor)
    _warm_up()
    _settle()
    _answer(sock, {"torch": torch.__version__, "devices": _devices()})
    while True:
        raw, descriptors, _, _ = socket.recv_fds(sock, _MAX_REQUEST, 2)
        if not raw:
            return
        request = Frame.from_bytes(raw)[0].data
        match request["op"]:
            case "warm":
                _warm_heavy_parts()
                _settle()
                _answer(sock, {})
            case "fork":
                pid = os.fork()
                if pid == 0:
                    _become_worker(request, *descriptors)
                for each in descriptors:
                    os.close(each)
                _answer(sock, {"pid": pid})
            case "reap":
                _answer(sock, {"status": _reap(request["pid"], patient=request["patient"])})


def _answer(sock: socket.socket, data: dict[str, Any]) -> None:
    sock.sendall(Frame(data=data).to_bytes())


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
    gc.collect()
    gc.freeze()


def _devices() -> list[str]:
    """Accelerators of this machine, asked for in a child: asking may start a driver that does not survive a fork."""
    if not _built_for_accelerators():
        return []
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            names = [name for name in ("cuda", "mps", "xpu") if getattr(torch, name).is_available()]
            os.write(writer, " ".join(names).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        names = answer.read().split()
    os.waitpid(pid, 0)
    return names


def _become_worker(request: dict[str, Any], sock: int, output: int) -> None:
    """Turns this forked process into a worker; never returns."""
    try:
        detach_from_parent()
        os.chdir(request["folder"])
        os.environ.update(HOME=request["folder"], TMPDIR=request["folder"])
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        # line by line, so that what it printed is kept however it ends
        sys.stdout = open(1, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
        keep_only({0, 1, 2, sock})
        channel = Channel(socket.socket(fileno=sock))
        worker.serve(channel, Limits(**request["limits"]), bound_memory=request["bound_memory"])
    except BaseException as error:
        with contextlib.suppress(BaseException):
            sys.stderr.write(f"worker: {error!r}\n")
            sys.stderr.flush()
        os._exit(worker.BROKEN)
    finally:
        os._exit(0)


def _reap(pid: int, *, patient: bool) -> int | None:
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
