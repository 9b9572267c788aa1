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
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from threading import RLock
from typing import Any, Protocol

from grader.errors import InternalFault, UsageError
from grader.execution.confinement import Confinement
from grader.execution.folders import remove_tree
from grader.execution.limits import Limits
from grader.execution.protocol import Channel, DeadlinePassed, Frame
from grader.execution.sandbox import Sandbox

_START_SECONDS = 120.0
ANSWER_SECONDS = 30.0
_MAX_ANSWER = 65_536
_LOOKS, _LOOK_SECONDS, _PAUSE_SECONDS = 5, 0.2, 0.05
_MOST_WRITTEN = 256 << 10  # bytes of one look: a submission may print meanwhile, without end
_KEY_BYTES = 32
_IN_ONE_PIECE = 30_000  # bytes that a socket of Linux takes and gives at once
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class WorkerServer(Protocol):
    """Where workers come from."""

    @property
    def means(self) -> tuple[str, ...]: ...

    @property
    def torch_version(self) -> str: ...

    @property
    def devices(self) -> tuple[str, ...]: ...

    def start(self, limits: Limits, *, bound_memory: bool) -> WorkerProcess: ...

    def reap(self, worker: WorkerProcess, *, patient: bool = False) -> int | None: ...

    def warm(self) -> bool: ...

    def make_ready(self, drive: str) -> None: ...

    def close(self) -> None: ...


class WorkerProcess:
    """One worker: its channel, its process id, and an excerpt of what it prints."""

    def __init__(self, *, pid: int, inner_pid: int, channel: Channel, output: int | None, keep: int) -> None:
        self.pid = pid
        self.inner_pid = inner_pid  # by which the fork server knows it
        self.channel = channel
        self.ended_for = ""  # why the fork server ended it, where it did
        self._output = output
        self._keep = keep
        self.printed = b""

    def receive(self, seconds: float, expected: Frame | None = None) -> Frame:
        """The next frame; what the worker prints meanwhile is read, so that it never waits for a reader."""
        deadline = time.monotonic() + seconds
        while not self.channel.has_buffered:
            waiting: list[Any] = [self.channel] if self._output is None else [self.channel, self._output]
            left = deadline - time.monotonic()
            ready = select.select(waiting, [], [], max(left, 0))[0]
            if self._output in ready:
                self._drain()
            if self.channel in ready:
                break
            if not ready or left <= 0:  # the second, because what is printed could come without end
                raise DeadlinePassed
        return self.channel.receive(seconds=max(deadline - time.monotonic(), 0.05), expected=expected)

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

    def looks(self) -> list[bytes]:
        """Which lines the process runs, as Python writes it down there; asked for a few times."""
        found: list[bytes] = []
        for _ in range(_LOOKS if self.pid > 0 else 0):  # others mean groups of processes, or all
            written, deadline = b"", time.monotonic() + _LOOK_SECONDS
            try:
                os.kill(self.pid, signal.SIGUSR1)
                while self._output is not None and select.select([self._output], [], [], _PAUSE_SECONDS)[0]:
                    chunk = os.read(self._output, 65_536)
                    written = (written + chunk)[-_MOST_WRITTEN:]
                    if not chunk or time.monotonic() > deadline:
                        break
            except (OSError, AttributeError):  # it has just ended; or there is no such signal
                break
            found.append(written)
        return found

    def close(self) -> None:
        """Closes this side's descriptors."""
        if self._output is not None:
            with contextlib.suppress(BlockingIOError):
                self._drain()
        if self._output is not None:
            os.close(self._output)
            self._output = None
        self.channel.close()

    def resident_bytes(self) -> int | None:
        """Resident memory of the process, read from outside; ``None`` where the system doesn't show it."""
        try:
            statm = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii")
            return int(statm.split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, ValueError, IndexError):
            return None


class ForkServer:
    """The fork server's other end.

    Args:
        without: names of means of protection not to use, to measure and to test.
    """

    def __init__(self, *, without: Collection[str] = ()) -> None:
        ours, theirs = socket.socketpair()
        self._socket = ours
        self._folders = tempfile.mkdtemp(prefix="grader-")
        self._sandbox = Sandbox.best(self._folders, without=without)
        if self._sandbox.folder != self._folders:
            os.rmdir(self._folders)  # there is a private one
        main = f"main({theirs.fileno()}, {self._sandbox.folder!r}, {self._sandbox.user!r}, {tuple(without)!r})"
        self._process = _python(
            f"from grader.execution.forkserver import main; {main}",
            sandbox=self._sandbox,
            pass_fds=(theirs.fileno(),),
        )
        theirs.close()
        self._hello: dict[str, Any] | None = None
        self._warm = False
        self._drives: set[str] = set()  # that are ready, or too long for a request
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

    @property
    def means(self) -> tuple[str, ...]:
        """What protects from submissions, by name."""
        return (*self._sandbox.means, *self._ready()["means"], "limits")

    def _ready(self) -> dict[str, Any]:
        with self._asking:
            if self._hello is None:
                self._hello = self._answer(_START_SECONDS)[0]
            return self._hello

    def start(self, limits: Limits, *, bound_memory: bool) -> WorkerProcess:
        """Forks a worker."""
        self._ready()
        ours, theirs = socket.socketpair()
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        key = secrets.token_bytes(_KEY_BYTES)
        request = {"op": "fork", "limits": limits.to_json(), "bound_memory": bound_memory, "key": key.hex()}
        try:
            answer, handles = self._ask(request, [theirs.fileno(), writer])
        except BaseException:
            ours.close()
            os.close(reader)
            raise
        finally:
            theirs.close()
            os.close(writer)
        return WorkerProcess(
            pid=_pid_behind(handles[0]),
            inner_pid=answer["pid"],
            channel=Channel(ours, key=key),
            output=reader,
            keep=limits.output_kb << 10,
        )

    def reap(self, worker: WorkerProcess, *, patient: bool = False) -> int | None:
        """Ends a worker and all of its process group; returns its wait status."""
        try:
            answer, _ = self._ask({"op": "reap", "pid": worker.inner_pid, "patient": patient})
        finally:
            worker.close()  # only now: what it printed at its end is read, too
        worker.ended_for = answer["ended_for"]
        return None if answer["status"] is None else int(answer["status"])

    def warm(self) -> bool:
        """Loads in all later workers what optimizers and the ``meta`` device need of torch; whether it had to be."""
        if self._warm:
            return False
        self._ready()
        self._ask({"op": "warm"}, seconds=_START_SECONDS)
        self._warm = True
        return True

    def make_ready(self, drive: str) -> None:
        """Makes a drive ready for all later workers, each of which would do so otherwise."""
        if drive not in self._drives:
            self._drives.add(drive)
            self._ready()
            request = {"op": "ready", "drive": drive}
            if len(Frame(data=request).to_bytes()) <= _IN_ONE_PIECE:
                self._ask(request)

    def _ask(
        self, request: Mapping[str, Any], fds: Sequence[int] = (), seconds: float = ANSWER_SECONDS
    ) -> tuple[dict[str, Any], list[int]]:
        with self._asking:
            try:
                socket.send_fds(self._socket, [Frame(data=dict(request)).to_bytes()], list(fds))
            except OSError as error:
                raise InternalFault(f"The fork server is gone ({error}).") from error
            return self._answer(seconds)

    def _answer(self, seconds: float) -> tuple[dict[str, Any], list[int]]:
        """What the fork server says, small enough to come in one piece, and the descriptors that come with it."""
        if not select.select([self._socket], [], [], seconds)[0]:
            raise InternalFault(f"The fork server did not answer within {seconds:.0f} s.")
        raw, descriptors = b"", list[int]()
        with contextlib.suppress(OSError):
            raw, descriptors, _, _ = socket.recv_fds(self._socket, _MAX_ANSWER, 1)
        if not raw:
            raise InternalFault(f"The fork server ended unexpectedly: {_last_words(self._process)}")
        return Frame.from_bytes(raw)[0].data, descriptors

    def close(self) -> None:
        """Ends the fork server and with it every worker that is left."""
        self._socket.close()
        _end(self._process)
        self._sandbox.close()
        if self._sandbox.folder == self._folders:
            remove_tree(self._folders)


class SpawnServer:
    """Starts a process a worker, where there is no fork (macOS, Windows); slower by an import of torch each."""

    def __init__(self) -> None:
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._folders: dict[int, str] = {}
        code = "import torch; print(torch.__version__); print(*(n for n in ('cuda', 'mps', 'xpu')"
        code += " if getattr(torch, n).is_available()))"
        answer = _python(code, stdout=subprocess.PIPE).communicate()[0].decode().splitlines()
        if not answer:
            raise InternalFault("torch can't be imported by the Python that runs the grader.")
        self.torch_version = answer[0]
        self.means = (*Confinement().means, "limits") if sys.platform != "win32" else ()
        self.devices = tuple(answer[1].split()) if len(answer) > 1 else ()

    def start(self, limits: Limits, *, bound_memory: bool) -> WorkerProcess:
        """Starts a worker and waits until it has connected."""
        key = secrets.token_bytes(_KEY_BYTES)
        settings = {"key": key.hex(), "limits": limits.to_json(), "bound_memory": bound_memory}
        with contextlib.ExitStack() as undone:  # where it does not come to its end
            folder = tempfile.mkdtemp(prefix="grader-")
            undone.callback(remove_tree, folder)
            try:
                process = _python(
                    "from grader.execution.worker import main; main()",
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,  # nobody would read a pipe, and a full one would block the worker
                    cwd=folder,
                )
                undone.callback(_end, process)
                connection = _connected(process, settings)
            except OSError as error:  # it has ended, or took too long
                raise InternalFault("A worker did not start.") from error
            undone.pop_all()
        self._processes[process.pid] = process
        self._folders[process.pid] = folder
        pid = process.pid
        return WorkerProcess(pid=pid, inner_pid=pid, channel=Channel(connection, key=key), output=None, keep=0)

    def reap(self, worker: WorkerProcess, *, patient: bool = False) -> int | None:
        """Ends a worker; returns a wait status as ``os.waitpid`` would."""
        worker.close()
        code = _end(self._processes.pop(worker.pid))
        remove_tree(self._folders.pop(worker.pid))
        return -code if code < 0 else code << 8

    def warm(self) -> bool:
        """Nothing to do: each worker loads what it needs."""
        return False

    def make_ready(self, drive: str) -> None:
        """Nothing to do: each worker makes it ready."""

    def close(self) -> None:
        """Ends every worker that is left."""
        for process in self._processes.values():
            _end(process)
        for folder in self._folders.values():
            remove_tree(folder)


def start_server() -> WorkerServer:
    """The server that this system allows; ``GRADER_START_METHOD=spawn`` asks for the one without fork."""
    method = os.environ.get("GRADER_START_METHOD") or ("fork" if sys.platform == "linux" else "spawn")
    if method not in ("fork", "spawn"):
        raise UsageError(f"GRADER_START_METHOD must be fork or spawn, got {method!r}.")
    return ForkServer() if method == "fork" else SpawnServer()


def _pid_behind(handle: int) -> int:
    """The id, on this side, of the process that a descriptor stands for; closes the descriptor."""
    try:
        for line in Path(f"/proc/self/fdinfo/{handle}").read_text(encoding="ascii").splitlines():
            name, _, value = line.partition(":")
            if name == "Pid":
                return int(value)
    finally:
        os.close(handle)
    raise InternalFault("A worker ended before it began.")


def _python(code: str, *, sandbox: Sandbox | None = None, **options: Any) -> subprocess.Popen[bytes]:
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
    return subprocess.Popen(sandbox.command(command) if sandbox else command, env=environment, **options)


def _connected(process: subprocess.Popen[bytes], settings: Mapping[str, Any]) -> socket.socket:
    """The connection of a worker, which is told its settings. Raises ``OSError`` where it ends or takes too long."""
    token = secrets.token_bytes(16)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert process.stdin is not None
        address = {"port": listener.getsockname()[1], "token": token.hex()}
        process.stdin.write(json.dumps({**settings, **address}).encode() + b"\n")
        process.stdin.close()
        connection = _accept(listener, process)
    try:
        connection.settimeout(_START_SECONDS)
        if connection.recv(len(token), socket.MSG_WAITALL) != token:
            raise InternalFault("Something else than the worker connected to the grader.")
    except BaseException:
        connection.close()
        raise
    return connection


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
            with contextlib.suppress(BrokenPipeError):  # what was still to be written to it
                stream.close()
    return code


def _last_words(process: subprocess.Popen[bytes]) -> str:
    with contextlib.suppress(subprocess.TimeoutExpired):
        errors = process.communicate(timeout=5)[1] or b""
        lines = errors.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else f"exit code {process.returncode}"
    return "it closed its socket"
