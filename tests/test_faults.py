"""Faults of our own side: what breaks under the grader is said to be its own, and nothing is left half done."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.course import Course, CourseExercise
from grader.execution.bundles import Bundle
from grader.execution.cache import Cache
from grader.execution.limits import Limits
from grader.execution.servers import ForkServer
from grader.grading import Grader, Options
from grader.report import ExerciseResult
from grader.submission import read_submission
from tests.processes import children, command_of, descendants, is_running, start, wait_for, with_path
from tests.sources import init_hidden, returning

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")

FEW = ("--max-examples", "5", "--device", "cpu")
WRONG = returning("torch.zeros(1, 1, 3, dtype=torch.float64)")
HANGS = f"import time\ntime.sleep(600)\n{WRONG}"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test runs in a folder of its own, beside a report from before."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in ("GRADER_COURSE", "GRADER_DEBUG", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    (work / "out.json").write_text("old", encoding="utf-8")
    return work


class Command:
    """``grader grade hw.py --output out.json``, with a terminal on standard error and places of its own to write to."""

    def __init__(self, tmp_path: Path, source: str, cache: Path, *arguments: str, **options: Any) -> None:
        self.temporary, self.mark, self.cache = tmp_path / "tmp", tmp_path / "mark", cache
        self.temporary.mkdir()
        Path("hw.py").write_text(source, encoding="utf-8")
        self._terminal, theirs = pty.openpty()
        environment = {"TMPDIR": str(self.temporary), "GRADER_CACHE_DIR": str(cache), "TERM": "xterm", "COLUMNS": "200"}
        environment |= {"PATH": f"{os.environ['PATH']}:{self.mark}"}
        arguments = arguments or ("--format", "json", "--output", "out.json")
        self.process = start("grade", "hw.py", *FEW, *arguments, stderr=theirs, env=environment, **options)
        os.close(theirs)
        self._shown = b""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self._terminal, 65_536)
            except OSError:  # as Linux says it that nobody has the other end any more
                return
            self._shown += chunk

    @property
    def shown(self) -> str:
        """What standard error showed so far."""
        return self._shown.decode("utf-8", "replace")

    def wait(self) -> tuple[int, str]:
        """Exit code and the last line of standard error; checks that nothing is left behind."""
        code = self.process.wait(timeout=120)
        assert wait_for(lambda: not with_path(self.mark)), "a process is left"
        self._reader.join()
        os.close(self._terminal)
        assert list(self.temporary.iterdir()) == []
        assert sorted(path.name for path in Path().iterdir() if path.name != ".hypothesis") == ["hw.py", "out.json"]
        assert all(len(entry.name) == 64 for entry in self.cache.glob("*"))
        return code, self.shown.replace("\x1b[K", "").strip().replace("\r", "\n").splitlines()[-1]


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Callable[..., Command]]:
    """``command(source, cache=None, *arguments)``: starts one; ended with the test, whatever comes of it."""
    started: list[Command] = []

    def make(source: str, cache: Path | None = None, *arguments: str, **options: Any) -> Command:
        started.append(Command(tmp_path, source, cache or tmp_path / "cache", *arguments, **options))
        return started[-1]

    yield make
    for one in started:
        one.process.kill()
        one.process.wait()


def fork_servers(pid: int) -> list[int]:
    """The process that a grader started as its fork server, or what encloses it."""
    return [child for child in children(pid) if "grader.execution.forkserver" in command_of(child)]


def imports_torch(pid: int) -> bool:
    """Whether the Python of a grader's fork server has begun, and not only what encloses it."""
    commands = map(command_of, descendants(pid))
    return any("grader.execution.forkserver" in each and "bwrap" not in each.split()[0] for each in commands)


# Whoever wants it to end

MOMENTS = {
    "torch is being imported": lambda one: imports_torch(one.process.pid),
    "cases are drawn": lambda one: "drawing cases" in one.shown,
    "the reference runs": lambda one: "running the reference" in one.shown,
    "the submission runs": lambda one: "running hw.py" in one.shown,
    "a failure is confirmed": lambda one: "confirming what failed" in one.shown,
    "the smallest case is looked for": lambda one: "looking for the smallest" in one.shown,
    "misconceptions are tried": lambda one: "trying the misconception" in one.shown,
}


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_control_c_at_any_moment(command: Callable[..., Command], moment: Callable[[Command], bool]) -> None:
    """Whenever Ctrl-C comes: exit code 130, one line, the old report, no process, no temporary folder."""
    one = command(WRONG)
    assert wait_for(lambda: moment(one))
    os.killpg(one.process.pid, signal.SIGINT)
    assert one.wait() == (130, "grader: interrupted; nothing was written.")
    assert Path("out.json").read_text(encoding="utf-8") == "old"
    assert "Traceback" not in one.shown


@pytest.mark.slow
def test_impatience_stops_no_clearing_up(command: Callable[..., Command]) -> None:
    """Ctrl-C again and again ends a command no less orderly than once."""
    one = command(HANGS)
    assert wait_for(lambda: "running hw.py" in one.shown and len(descendants(one.process.pid)) > 1)
    while one.process.poll() is None:
        os.killpg(one.process.pid, signal.SIGINT)
        with_path(one.mark)  # takes its time
    assert one.wait() == (130, "grader: interrupted; nothing was written.")
    assert "Traceback" not in one.shown


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "moment"),
    [
        (signal.SIGTERM, 143, "torch is being imported"),
        (signal.SIGTERM, 143, "the submission runs"),
        (signal.SIGHUP, 129, "the reference runs"),
    ],
)
def test_other_ways_to_end_it(command: Callable[..., Command], number: signal.Signals, code: int, moment: str) -> None:
    """SIGTERM, and a terminal that is closed, end the grader alone; all that it started ends with it."""
    one = command(HANGS)
    assert wait_for(lambda: MOMENTS[moment](one))
    one.process.send_signal(number)
    assert one.wait() == (code, f"grader: ended by {number.name}; nothing was written.")
    assert Path("out.json").read_text(encoding="utf-8") == "old"


@pytest.mark.slow
@pytest.mark.parametrize("before", ["", "import shutil; shutil.which = lambda *_: None"], ids=["", "no bubblewrap"])
@pytest.mark.parametrize("moment", ["torch is being imported", "the submission runs"])
def test_a_grader_that_is_killed_leaves_nothing(command: Callable[..., Command], moment: str, before: str) -> None:
    """Where nothing can be cleared up any more, what the grader started still ends by itself, and with its folders."""
    one = command(HANGS, before=before)
    assert wait_for(lambda: MOMENTS[moment](one))
    if moment == "the submission runs":
        assert wait_for(lambda: len(descendants(one.process.pid)) > 1)
    left = descendants(one.process.pid)
    one.process.kill()
    assert wait_for(lambda: not any(is_running(pid) for pid in left) and not with_path(one.mark))
    assert wait_for(lambda: not list(one.temporary.iterdir())), list(one.temporary.iterdir())
    assert Path("out.json").read_text(encoding="utf-8") == "old"


# Processes that somebody else ends


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["torch is being imported", "the submission runs"])
def test_a_fork_server_that_is_killed(command: Callable[..., Command], moment: str) -> None:
    """The fork server's death is exit code 3 and a message that says so, never a verdict; nothing is written."""
    one = command(HANGS)
    assert wait_for(lambda: MOMENTS[moment](one))
    if moment == "the submission runs":
        assert wait_for(lambda: len(descendants(one.process.pid)) > 1)
    servers = fork_servers(one.process.pid)
    for child in servers:
        os.kill(child, signal.SIGKILL)
    code, said = one.wait()
    assert servers
    assert code == 3
    assert said.startswith("grader: The fork server ")
    assert Path("out.json").read_text(encoding="utf-8") == "old"


class Killing:
    """A server of whose workers one is killed from outside, when it has sent some frames."""

    def __init__(self, server: ForkServer, after: int) -> None:
        self._server, self._after = server, after
        self.killed: int | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)

    def start(self, limits: Limits, *, bound_memory: bool) -> Any:
        worker = self._server.start(limits, bound_memory=bound_memory)
        receive, received = worker.receive, 0

        def counting(*arguments: Any) -> Any:
            nonlocal received
            if self.killed is None and received == self._after:
                self.killed = worker.pid
                os.kill(worker.pid, signal.SIGKILL)
                worker.channel._buffer.clear()
            received += 1
            return receive(*arguments)

        worker.receive = counting
        return worker


def graded(course: Course, server: Any, cache: Cache, source: str) -> ExerciseResult:
    """The result of a source for ``init_hidden``, without what a clock says."""
    Path("hw.py").write_text(source, encoding="utf-8")
    grader = Grader(course, Options(max_examples=5, device="cpu"), server=server, cache=cache)
    (result,) = grader.grade_submission(read_submission(Path("hw.py")), ["init_hidden"]).exercises
    return replace(result, seconds=0.0)


def test_a_worker_that_is_killed_once_costs_no_points(course: Course, server: ForkServer, cache: Cache) -> None:
    """What happened once, in a run that is right whenever it is run again, is told and not held against anybody."""
    graded(course, server, cache, WRONG)  # so that the reference's worker is not the first
    killing = Killing(server, after=3)
    result = graded(course, killing, cache, init_hidden())
    assert killing.killed is not None
    assert result.score == result.max_score
    assert result.status == "unstable"
    unstable = [law.message for law in result.properties if law.status == "unstable"]
    assert unstable
    assert all("failed once and then did not fail again" in message for message in unstable)


IDLE = "def init_hidden(rnn, batch_size):\n    return None\n"
RAISES = 'def init_hidden(rnn, batch_size):\n    raise ValueError("not yet")\n'
KEEPS = init_hidden("kept.append(torch.ones(5000))", before="kept = []")


@pytest.mark.parametrize(("first", "later"), [(RAISES, IDLE), (KEEPS, IDLE), (IDLE, RAISES)])
def test_behaving_in_another_way_later_earns_nothing_more(
    course: Course, server: ForkServer, cache: Cache, monkeypatch: pytest.MonkeyPatch, first: str, later: str
) -> None:
    """Code that breaks one law in its first process and another one later gets no benefit of the doubt."""
    alone = [graded(course, server, cache, source).score for source in (first, later)]
    open_session, opened = Grader.session, 0

    def session(self: Grader, exercise: CourseExercise, bundle: Bundle, **options: Any) -> Any:
        nonlocal opened
        opened += bundle.main == "hw.py"
        source = first if opened == 1 else later
        swapped = Bundle.of_one_file("hw.py", source) if bundle.main == "hw.py" else bundle
        return open_session(self, exercise, swapped, **options)

    monkeypatch.setattr(Grader, "session", session)
    result = graded(course, server, cache, first)
    assert opened > 1
    assert result.score <= max(alone)
    assert "unstable" not in {law.status for law in result.properties}


# Disks that are full


def test_a_report_that_does_not_fit_is_not_written(command: Callable[..., Command]) -> None:
    """Where a file may not grow, cache entries are done without, the report is refused whole, and the old one stays."""
    one = command(WRONG, None, "--format", "json", "--output", "out.json", before=_no_file_beyond(2_048))
    assert one.wait() == (3, "grader: out.json could not be written: File too large.")
    assert Path("out.json").read_text(encoding="utf-8") == "old"
    assert not [entry for entry in one.cache.iterdir() if entry.stat().st_size > 2_048]


def test_a_cache_that_can_not_be_written_costs_no_result(command: Callable[..., Command]) -> None:
    """The same where nothing at all can be written but to standard output: the report is there."""
    one = command(WRONG, None, "--format", "json", before=_no_file_beyond(8), stdout=subprocess.PIPE)
    out, _ = one.process.communicate()
    assert one.wait()[0] == 1
    assert json.loads(out)["submissions"][0]["exercises"][0]["status"] == "failed"


def test_a_full_temporary_folder_is_no_verdict(command: Callable[..., Command]) -> None:
    """Where the grader has no room to work in, it is exit code 3, with what the system said and what to look for."""
    one = command(WRONG, None, before=_no_file_beyond(0))
    code, said = one.wait()
    assert (code, said) == (3, "Is a disk full, or a limit reached? Set GRADER_DEBUG=1 to see where.")
    assert "grader: the system does not give the grader what it needs: [Errno 2] No usable temporary" in one.shown


def _no_file_beyond(size: int) -> str:
    return f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"


@pytest.fixture
def full() -> Iterator[Any]:
    """A device that is full."""
    if not Path("/dev/full").is_char_device():
        pytest.skip("the system has no /dev/full")
    with open("/dev/full", "w", encoding="utf-8") as device:
        yield device


def test_standard_output_that_is_full(command: Callable[..., Command], full: Any, cache_folder: Path) -> None:
    """A report that can't be printed is exit code 3, and said in one line."""
    one = command("x = 1\n", cache_folder, "--format", "json", stdout=full)
    assert one.wait() == (3, "grader: The report could not be written: No space left on device.")
    assert "Exception" not in one.shown


def test_a_device_is_written_to_and_not_replaced(command: Callable[..., Command], full: Any, tmp_path: Path) -> None:
    """What is no file keeps its place: a device that is full says so."""
    link = tmp_path / "report"
    link.symlink_to("/dev/full")
    one = command("x = 1\n", None, "--output", str(link))
    assert one.wait() == (3, f"grader: {link} could not be written: No space left on device.")
    assert link.is_symlink()
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


def test_a_report_behind_a_link(command: Callable[..., Command], tmp_path: Path) -> None:
    """A link keeps its place, too: the report is where it points."""
    link, file = tmp_path / "report", tmp_path / "elsewhere.json"
    file.write_text("old", encoding="utf-8")
    link.symlink_to(file)
    one = command("x = 1\n", None, "--format", "json", "--output", str(link))
    assert one.wait()[0] == 1
    assert link.is_symlink()
    assert json.loads(file.read_text(encoding="utf-8"))["format_version"] == 1


# The cache

DAMAGE: dict[str, Callable[[list[Path]], object]] = {
    "cut short": lambda entries: [entry.write_bytes(entry.read_bytes()[:-40]) for entry in entries],
    "one bit changed": lambda entries: [_flip(entry) for entry in entries],
    "each in another's place": lambda entries: _rotate(entries),
    "folders instead": lambda entries: [(entry.unlink(), entry.mkdir()) for entry in entries],
}


def _flip(entry: Path) -> None:
    raw = bytearray(entry.read_bytes())
    raw[len(raw) // 2] ^= 1
    entry.write_bytes(raw)


def _rotate(entries: list[Path]) -> None:
    contents = [entry.read_bytes() for entry in entries]
    for entry, content in zip(entries, contents[1:] + contents[:1], strict=True):
        entry.write_bytes(content)


@pytest.fixture(scope="module")
def kept(course: Course, server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A cache with all that grading one submission keeps, and the result."""
    folder = tmp_path_factory.mktemp("kept")
    with _in(tmp_path_factory.mktemp("work")):
        result = graded(course, server, Cache(folder), WRONG)
    return folder, result


@contextmanager
def _in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    yield
    os.chdir(before)


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_cache_changes_no_result(
    course: Course, server: ForkServer, kept: tuple[Path, Any], tmp_path: Path, damage: Callable[[list[Path]], object]
) -> None:
    """Whatever became of the entries, the result is the one from before."""
    folder, result = kept
    shutil.copytree(folder, tmp_path / "cache")
    entries = sorted((tmp_path / "cache").iterdir())
    assert len(entries) > 2
    damage(entries)
    assert graded(course, server, Cache(tmp_path / "cache"), WRONG) == result


@pytest.mark.slow
def test_two_graders_at_once_on_one_cache(tmp_path: Path) -> None:
    """Two graders that begin together with an empty cache write the same report, and each entry is whole."""
    Path("hw.py").write_text(WRONG, encoding="utf-8")
    cache, two = tmp_path / "cache", []
    for _ in range(2):
        environment = {"GRADER_CACHE_DIR": str(cache), "TMPDIR": str(tmp_path)}
        two.append(start("grade", "hw.py", *FEW, "--format", "json", stdout=subprocess.PIPE, env=environment))
    said = [one.communicate() for one in two]
    assert [one.returncode for one in two] == [1, 1]
    assert [err for _, err in said] == ["", ""]
    first, second = (_without_seconds(json.loads(out)) for out, _ in said)
    assert first == second
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "work"]
    assert all(len(entry.name) == 64 for entry in cache.iterdir())


def _without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_seconds(item) for key, item in value.items() if key != "seconds"}
    return [_without_seconds(item) for item in value] if isinstance(value, list) else value
