"""Where workers come from: the grader's end of the fork server, and what stands in for it where there is no fork.

How it works: ``ForkServer`` starts the process that forks workers; ``SpawnServer`` starts a process a worker. Both hand
out ``WorkerProcess`` objects, end them, and clear up behind them. A fault of this machinery is an ``InternalFault``.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import RLock
from typing import Any, Protocol

from grader.errors import InternalFault
from grader.execution.limits import Limits
from grader.execution.protocol import Channel, Closed, DeadlinePassed, Frame, ProtocolError

_START_SECONDS = 120.0
ANSWER_SECONDS = 30.0
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class WorkerServer(Protocol):
    """Where workers come from."""

    isolation: str

    @property
    def torch_version(self) -> str: ...

    @property
    def devices(self) -> tuple[str, ...]: ...

    def start(self, limits: Limits, *, bound_memory: bool) -> WorkerProcess: ...

    def reap(self, worker: WorkerProcess, *, patient: bool = False) -> int | None: ...

    def warm(self) -> None: ...

    def close(self) -> None: ...


class WorkerProcess:
    """One worker: its channel, its process id, the folder it works in, and an excerpt of what it prints."""

    def __init__(self, *, pid: int, channel: Channel, output: int | None, folder: str, keep: int) -> None:
        self.pid = pid
        self.channel = channel
        self.folder = folder
        self._output = output
        self._keep = keep
        self.printed = b""

    def receive(self, seconds: float) -> Frame:
        """The next frame; what the worker prints meanwhile is read, so that it never waits for a reader."""
        deadline = time.monotonic() + seconds
        while not self.channel.has_buffered:
            waiting: list[Any] = [self.channel] if self._output is None else [self.channel, self._output]
            left = deadline - time.monotonic()
            ready = select.select(waiting, [], [], max(left, 0))[0]
            if not ready:
                raise DeadlinePassed
            if self._output in ready:
                self._drain()
            if self.channel in ready:
                break
        return self.channel.receive(seconds=max(deadline - time.monotonic(), 0.05))

    def _drain(self) -> None:
        assert self._output is not None
        try:
            chunk = os.read(self._output, 65_536)
        except BlockingIOError:
            return
        if not chunk:
            os.close(self._output)
            self._output = None
            return
        self.printed += chunk[: max(self._keep - len(self.printed), 0)]

    def close(self) -> None:
        """Closes this side's descriptors and removes the folder."""
        if self._output is not None:
            with contextlib.suppress(BlockingIOError):
                self._drain()
        if self._output is not None:
            os.close(self._output)
            self._output = None
        self.channel.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def resident_bytes(self) -> int | None:
        """Resident memory of the process, read from outside; ``None`` where the system doesn't show it."""
        try:
            statm = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii")
            return int(statm.split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError, IndexError):
            return None


class ForkServer:
    """The fork server's other end."""

    isolation = "a forked process for each submission, with resource limits; no sandbox"

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._socket = ours
        self._channel = Channel(ours)
        self._process = _python(
            f"from grader.execution.forkserver import main; main({theirs.fileno()})", pass_fds=(theirs.fileno(),)
        )
        theirs.close()
        self._folders = tempfile.mkdtemp(prefix="grader-")
        self._hello: dict[str, Any] | None = None
        self._warm = False
        self._asking = RLock()  # sessions of several threads share this server, which answers one request at a time

    @property
    def torch_version(self) -> str:
        """The version of torch that workers have."""
        return str(self._ready()["torch"])

    @property
    def devices(self) -> tuple[str, ...]:
        """Accelerators that workers can use."""
        return tuple(self._ready()["devices"])

    @property
    def pid(self) -> int:
        """The process id of the fork server."""
        return self._process.pid

    def _ready(self) -> dict[str, Any]:
        with self._asking:
            if self._hello is None:
                self._hello = self._answer(_START_SECONDS)
            return self._hello

    def start(self, limits: Limits, *, bound_memory: bool) -> WorkerProcess:
        """Forks a worker."""
        self._ready()
        folder = tempfile.mkdtemp(dir=self._folders)
        ours, theirs = socket.socketpair()
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        request = {"op": "fork", "folder": folder, "limits": limits.to_json(), "bound_memory": bound_memory}
        try:
            pid = self._ask(request, [theirs.fileno(), writer])["pid"]
        except BaseException:
            ours.close()
            os.close(reader)
            raise
        finally:
            theirs.close()
            os.close(writer)
        return WorkerProcess(pid=pid, channel=Channel(ours), output=reader, folder=folder, keep=limits.output_kb << 10)

    def reap(self, worker: WorkerProcess, *, patient: bool = False) -> int | None:
        """Ends a worker and all of its process group; returns its wait status."""
        try:
            status = self._ask({"op": "reap", "pid": worker.pid, "patient": patient})["status"]
        finally:
            worker.close()  # only now: what it printed at its end is read, too
        return None if status is None else int(status)

    def warm(self) -> None:
        """Loads in all later workers what optimizers and the ``meta`` device need of torch."""
        if not self._warm:
            self._ready()
            self._ask({"op": "warm"}, seconds=_START_SECONDS)
            self._warm = True

    def _ask(self, request: Mapping[str, Any], fds: Sequence[int] = (), seconds: float = ANSWER_SECONDS) -> Any:
        with self._asking:
            try:
                socket.send_fds(self._socket, [Frame(data=dict(request)).to_bytes()], list(fds))
            except OSError as error:
                raise InternalFault(f"The fork server is gone ({error}).") from error
            return self._answer(seconds)

    def _answer(self, seconds: float) -> dict[str, Any]:
        try:
            return self._channel.receive(seconds=seconds).data
        except DeadlinePassed as error:
            raise InternalFault(f"The fork server did not answer within {seconds:.0f} s.") from error
        except (Closed, ProtocolError) as error:
            raise InternalFault(f"The fork server ended unexpectedly: {_last_words(self._process)}") from error

    def close(self) -> None:
        """Ends the fork server and with it every worker that is left."""
        self._channel.close()
        _end(self._process)
        shutil.rmtree(self._folders, ignore_errors=True)


class SpawnServer:
    """Starts a process a worker, where there is no fork (macOS, Windows); slower by an import of torch each."""

    isolation = "a spawned process for each submission, with what limits the system has; no sandbox"

    def __init__(self) -> None:
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        code = "import torch; print(torch.__version__); print(*(n for n in ('cuda', 'mps', 'xpu')"
        code += " if getattr(torch, n).is_available()))"
        answer = _python(code, stdout=subprocess.PIPE).communicate()[0].decode().splitlines()
        if not answer:
            raise InternalFault("torch can't be imported by the Python that runs the grader.")
        self.torch_version = answer[0]
        self.devices = tuple(answer[1].split()) if len(answer) > 1 else ()

    def start(self, limits: Limits, *, bound_memory: bool) -> WorkerProcess:
        """Starts a worker and waits until it has connected."""
        token = secrets.token_bytes(16)
        folder = tempfile.mkdtemp(prefix="grader-")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            process = _python(
                "from grader.execution.worker import main; main()",
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # nobody would read a pipe, and a full one would block the worker
                cwd=folder,
            )
            port = listener.getsockname()[1]
            settings = {"port": port, "token": token.hex(), "limits": limits.to_json(), "bound_memory": bound_memory}
            assert process.stdin is not None
            process.stdin.write(json.dumps(settings).encode() + b"\n")
            process.stdin.close()
            try:
                connection = _accept(listener, process)
                connection.settimeout(_START_SECONDS)
                if connection.recv(len(token), socket.MSG_WAITALL) != token:
                    raise InternalFault("Something else than the worker connected to the grader.")
            except TimeoutError as error:
                _end(process)
                raise InternalFault("A worker did not start.") from error
        self._processes[process.pid] = process
        return WorkerProcess(pid=process.pid, channel=Channel(connection), output=None, folder=folder, keep=0)

    def reap(self, worker: WorkerProcess, *, patient: bool = False) -> int | None:
        """Ends a worker; returns a wait status as ``os.waitpid`` would."""
        worker.close()
        code = _end(self._processes.pop(worker.pid))
        return -code if code < 0 else code << 8

    def warm(self) -> None:
        """Nothing to do: each worker loads what it needs."""

    def close(self) -> None:
        """Ends every worker that is left."""
        for process in self._processes.values():
            _end(process)


def start_server() -> WorkerServer:
    """The server that this system allows; ``GRADER_START_METHOD=spawn`` asks for the one without fork."""
    method = os.environ.get("GRADER_START_METHOD", "fork" if sys.platform == "linux" else "spawn")
    return ForkServer() if method == "fork" else SpawnServer()


def _python(code: str, **options: Any) -> subprocess.Popen[bytes]:
    """A Python of ours in a clean environment, which finds the same packages as this one and none beside them."""
    here = os.getcwd()
    paths = [str(_PACKAGE_ROOT)] + [path for path in sys.path if path and os.path.abspath(path) != here]
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    environment |= {name: value for name, value in os.environ.items() if name.startswith(("CUDA_", "NVIDIA_"))}
    environment |= {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LC_ALL": "C.UTF-8",
    }
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, **options}
    if sys.platform != "win32":
        options["start_new_session"] = True
    command = [sys.executable, "-I", "-c", f"import sys; sys.path[:] = {paths!r}\n{code}"]
    return subprocess.Popen(command, env=environment, **options)


def _accept(listener: socket.socket, process: subprocess.Popen[bytes]) -> socket.socket:
    """The connection of a process that was just started. Raises ``TimeoutError`` where it ends or takes too long."""
    listener.settimeout(0.2)
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            return listener.accept()[0]
        except TimeoutError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise


def _end(process: subprocess.Popen[bytes]) -> int:
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.kill()
    code = process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    return code


def _last_words(process: subprocess.Popen[bytes]) -> str:
    with contextlib.suppress(subprocess.TimeoutExpired):
        errors = process.communicate(timeout=5)[1] or b""
        lines = errors.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {process.returncode}"
    return "it closed its socket"
