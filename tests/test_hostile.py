"""Submissions that attack: no credit gained, no secret read, nothing changed, nothing left, the next one unharmed.

Attacks that a level of protection is needed against name it; on a lower level they are run as well, and what holds
there is that they gain nothing, that the next submission is graded as if alone, and that the report says what kind of
isolation there was. What no level stops is said beside the test.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from grader.course import Course
from grader.errors import InternalFault
from grader.execution.bundles import Bundle
from grader.execution.cache import Cache
from grader.execution.limits import Limits
from grader.execution.servers import ForkServer, WorkerServer
from grader.grading import Grader, Options
from grader.protection import probe
from grader.report import LEVELS, ExerciseResult, SubmissionResult
from grader.submission import read_submission
from tests.conftest import ROOT
from tests.hostile import SECRET, Attempt, Cheat, damage, endings, lies, verdicts
from tests.hostile import secrets as secrets_
from tests.sources import init_hidden, messages

LIMITS = Limits(import_seconds=8.0, case_seconds=1.0, exercise_seconds=30.0, memory_mb=1024, output_kb=4)
pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked for in /proc")


@cache
def level(server: WorkerServer) -> str:
    """How well submissions are kept from their surroundings."""
    return probe(server, Limits()).level


def holds(server: WorkerServer, needed: str) -> bool:
    """Whether protection is at least as good as ``needed``."""
    return LEVELS.index(level(server)) >= LEVELS.index(needed)


class Trap:
    """Secrets, files and listeners of a test, all in a folder of its own, and processes known by a mark."""

    def __init__(self, folder: Path) -> None:
        self.mark = f"hostile{secrets.token_hex(8)}"
        self.secret = SECRET + secrets.token_hex(16)
        self.in_memory = self.secret.encode()
        self.folder = folder
        for name in ("exercises", "solutions"):
            shutil.copytree(ROOT / name, folder / "course" / name)
        for path in (folder / "course" / "solutions").glob("*/*.py"):
            path.write_text(f"{path.read_text()}# {self.secret}\n")
        for name in ("other/grace.py", "other/submission_metadata.json", "other/results.json", "home/.ssh/id_rsa"):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'"{self.secret}"\n')
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(type=socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.abstract, self.service = (socket.socket(socket.AF_UNIX) for _ in range(2))
        self.abstract.bind(f"\0{self.mark}")
        self.service.bind(str(folder / "service"))
        for listener in (self.tcp, self.abstract, self.service):
            listener.listen()
        for each in (self.tcp, self.udp, self.abstract, self.service):
            each.setblocking(False)
        self.neighbour = subprocess.Popen(["sleep", "600"], env={"PATH": os.environ["PATH"], "TOKEN": self.secret})

    def filled(self, source: str) -> str:
        """A source with the names of this trap's secrets put in."""
        values: dict[str, object] = {
            "COURSE": self.folder / "course",
            "OTHER": self.folder / "other",
            "HOME": self.folder / "home",
            "CACHE": self.folder / "cache",
            "SERVICE": self.folder / "service",
            "MARK": self.mark,
            "ABSTRACT": self.mark,
            "TCP": self.tcp.getsockname()[1],
            "UDP": self.udp.getsockname()[1],
            "GRADER": os.getpid(),
            "ADDRESS": id(self.in_memory),
            "NEIGHBOUR": self.neighbour.pid,
        }
        for name, value in values.items():
            source = source.replace(f"<{name}>", str(value))
        return source

    def files(self) -> dict[str, str]:
        """Every file of the trap: mode and digest of what is in it."""
        return {
            str(path.relative_to(self.folder)): f"{path.stat().st_mode} {hashlib.sha256(path.read_bytes()).hexdigest()}"
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and "workers" not in path.parts
        }

    def arrived(self) -> list[str]:
        """Which listeners have heard anything since they were last asked."""
        heard = []
        for name in ("tcp", "abstract", "service"):
            with contextlib.suppress(BlockingIOError):
                while True:
                    getattr(self, name).accept()[0].close()
                    heard.append(name)
        with contextlib.suppress(BlockingIOError):
            while self.udp.recv(100):
                heard.append("udp")
        return heard

    def processes(self) -> set[int]:
        """Processes that were started with this trap's mark in their environment and still run."""
        found = set()
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if self.mark.encode() in path.read_bytes():
                    found.add(int(path.parent.name))
        return found

    def close(self) -> None:
        """Ends the neighbour and the listeners."""
        for each in (self.tcp, self.udp, self.abstract, self.service):
            each.close()
        self.neighbour.kill()
        self.neighbour.wait()


@pytest.fixture(scope="module")
def trap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trap]:
    """One trap for all tests here."""
    trap = Trap(tmp_path_factory.mktemp("trap"))
    yield trap
    trap.close()


@pytest.fixture(scope="module")
def hostile_server(trap: Trap) -> Iterator[ForkServer]:
    """A fork server of its own, started with secrets around it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{os.environ['PATH']}:/nowhere/{trap.mark}")
        patch.setenv("HOME", str(trap.folder / "home"))
        patch.setenv("GRADER_TOKEN", trap.secret)
        (trap.folder / "workers").mkdir()
        patch.setattr(tempfile, "tempdir", str(trap.folder / "workers"))
        server = ForkServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def hostile_grader(course: Course, hostile_server: ForkServer, trap: Trap) -> Grader:
    """A grader with few cases and small limits on that server, whose cache is in the trap."""
    options = Options(max_examples=4, device="cpu")
    cache = Cache(trap.folder / "cache")
    return Grader(dataclasses.replace(course, limits=LIMITS), options, server=hostile_server, cache=cache)


Grade = Callable[..., SubmissionResult]


@pytest.fixture
def grade(hostile_grader: Grader, tmp_path: Path) -> Grade:
    """``grade(source, exercise="init_hidden", limits=LIMITS)``: the result of a submission."""

    def grade(source: str, exercise: str = "init_hidden", limits: Limits = LIMITS) -> SubmissionResult:
        path = tmp_path / "submission.py"
        path.write_text(source)
        course = hostile_grader.course
        hostile_grader.course = dataclasses.replace(course, limits=limits)
        try:
            return hostile_grader.grade_submission(read_submission(path), [exercise])
        finally:
            hostile_grader.course = course

    return grade


def one(result: SubmissionResult) -> ExerciseResult:
    """The only exercise of a result."""
    return result.exercises[0]


@pytest.fixture(scope="module")
def honest_scores() -> dict[tuple[str, str], int]:
    """What wrong code gets that attacks nothing, by source and exercise."""
    return {}


@pytest.fixture
def unharmed(grade: Grade, hostile_grader: Grader, trap: Trap) -> Iterator[None]:
    """What must hold after every attack: nothing is left running or lying about, and the next one is as if alone."""
    for name in ("init_hidden", "detach_state"):
        hostile_grader.workbench(name)  # its cache is filled now
        hostile_grader.mistakes(hostile_grader.workbench(name).beginning)
    trap.arrived()
    before, shared = trap.processes(), set(os.listdir("/dev/shm"))
    yield
    left = set()
    for _ in range(100):
        left = trap.processes() - before
        if not left:
            break
        time.sleep(0.02)
    for pid in left:  # daemons, where nothing holds them
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    ours = {name for name in set(os.listdir("/dev/shm")) - shared if trap.mark in name}
    for name in ours:
        os.unlink(f"/dev/shm/{name}")
    folders = list((trap.folder / "workers").glob("*/*"))
    following = one(grade(init_hidden()))
    assert (following.status, following.score, messages(following), following.printed) == ("passed", 10, [], "")
    assert folders == []
    if holds(hostile_grader.server, "good"):
        assert (left, ours) == (set(), set())


ATTEMPTS = {**secrets_.ATTEMPTS, **damage.ATTEMPTS}


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=[f"{a.numbers} {name}" for name, a in ATTEMPTS.items()])
def test_what_is_out_of_bounds_is_out_of_reach(
    grade: Grade, hostile_grader: Grader, trap: Trap, attempt: Attempt
) -> None:
    """A right submission that tries something gets what it would get without, and nothing of what it tried."""
    before = trap.files()
    submission = grade(trap.filled(attempt.source()))
    result = one(submission)
    report = json.dumps(hostile_grader.report([submission]).to_json())
    assert result.score in (0, 10)
    assert result.printed.startswith(("got: ", "refused: ")), messages(result)
    if holds(hostile_grader.server, attempt.needs):
        assert trap.secret not in report
        assert trap.arrived() == []
        assert trap.files() == before
        if attempt.needs != "none":
            assert result.printed.startswith("refused: ")
    else:  # what holds is that the report does not claim more than there is
        assert json.loads(report)["environment"]["isolation"]
    if result.printed.startswith("refused: "):
        assert (result.status, result.score, messages(result)) == ("passed", 10, [])


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize(
    "cheat",
    [pytest.param(cheat, id=f"{cheat.numbers} {name}") for name, cheat in (verdicts.CHEATS | lies.LIES).items()],
)
def test_an_attack_on_the_verdict_gains_nothing(
    grade: Grade, cheat: Cheat, honest_scores: dict[tuple[str, str], int]
) -> None:
    """Wrong code gets no more with an attack than without, and nothing where it tampers; the report says so.

    What no level stops is raw memory: a submission that finds its way through it can forge flags, counts and readings
    of the heap; it still has to find the right numbers.
    """
    twin = (cheat.honest, cheat.exercise)
    if twin not in honest_scores:
        honest_scores[twin] = one(grade(*twin)).score
    attacked = one(grade(cheat.source, cheat.exercise))
    assert honest_scores[twin] < attacked.max_score
    assert attacked.score <= honest_scores[twin]
    assert cheat.says in "\n".join(messages(attacked)), messages(attacked)
    if cheat.says and cheat.scores_nothing:
        assert attacked.score == 0


@pytest.mark.usefixtures("unharmed")
@pytest.mark.parametrize(("source", "says"), endings.SOURCES.values(), ids=endings.SOURCES)
def test_whatever_ends_a_run_is_told_and_earns_nothing(grade: Grade, source: str, says: str) -> None:
    """Exits, crashes, loops, broken frames and texts that misbehave: a verdict with its reason, and no points."""
    limits = dataclasses.replace(LIMITS, case_seconds=0.5)  # so that what hangs is ended soon
    result = one(grade(source, limits=limits if says == endings.TOO_LONG else LIMITS))
    assert result.score == 0
    assert any(says in text for text in messages(result)), messages(result)


@pytest.mark.usefixtures("unharmed")
def test_hard_coded_answers_earn_what_the_cases_show_and_nothing_with_another_seed(
    grade: Grade, hostile_grader: Grader, course: Course, trap: Trap, tmp_path: Path
) -> None:
    """28: a table of answers is as good as its cases: with another seed of the course it is nothing."""
    runs = hostile_grader.workbench("init_hidden").plan.runs.values()
    known = sorted({(run["rnn"].input_size, run["rnn"].hidden_size, run["batch_size"]) for run in runs})
    table = init_hidden(f"assert (rnn.input_size, rnn.hidden_size, batch_size) in {known!r}")
    assert one(grade(table)).score == 10
    cache = Cache(trap.folder / "cache")
    options = Options(max_examples=4, device="cpu", seed=hostile_grader.seed + 1)
    other = Grader(dataclasses.replace(course, limits=LIMITS), options, server=hostile_grader.server, cache=cache)
    (tmp_path / "table.py").write_text(table)
    result = one(other.grade_submission(read_submission(tmp_path / "table.py"), ["init_hidden"]))
    assert (result.status, "AssertionError" in messages(result)[0]) == ("failed", True)


@pytest.mark.usefixtures("unharmed")
def test_knowing_that_it_is_graded_gains_nothing_but_the_cases(grade: Grade) -> None:
    """29: a submission can tell that it is graded, and so do right there; what it does there is all that counts."""
    graded = init_hidden("if '<drive>' not in sys.modules: return None")
    only_when_measured = init_hidden("kept.append(torch.ones(5000)) if batch_size < 64 else None", before="kept = []")
    assert one(grade(graded)).score == 10
    assert one(grade(only_when_measured)).score <= 10


def test_what_would_be_put_back_before_the_call_returns_is_refused(hostile_grader: Grader) -> None:
    """30: what observes can't be changed, also not for the time of a call that puts everything back."""
    bundle = Bundle.of_one_file("submission.py", verdicts.FOR_THE_TIME_OF_A_CALL)
    result = hostile_grader.grade_code("train_truncated", bundle, path="submission.py", explain=False)
    assert messages(result)[0] == "Your code raised TypeError: cannot set 'groups' attribute of immutable type 'Model'."
    assert result.score == 0


def test_what_a_model_reports_to_is_not_the_models(hostile_grader: Grader) -> None:
    """30: a submission can't tell the drive itself what its model is said to have been given."""
    bundle = Bundle.of_one_file("submission.py", verdicts.IN_ITS_PLACE)
    result = hostile_grader.grade_code("train_truncated", bundle, path="submission.py", explain=False)
    assert messages(result)[0] == "Your code raised AttributeError: 'Model' object has no attribute 'record'."
    assert result.score == 0


@pytest.mark.usefixtures("unharmed")
def test_tampering_counts_even_where_it_does_not_happen_again(grade: Grade, trap: Trap) -> None:
    """A failure that does not happen again is not held against a submission, unless it tampered the first time."""
    once = init_hidden(
        "state.append(1); len(state) == 3 and setattr(torch.nn.Module, '__call__', None)", before="state = []"
    )
    result = one(grade(once))
    assert {each.status for each in result.properties if "replaced" in each.message} == {"failed"}
    assert "unstable" not in {each.status for each in result.properties}


@pytest.mark.parametrize("way", ["SIGKILL", "SIGTERM"])
def test_a_fork_server_that_is_killed_by_a_submission_is_no_verdict(course: Course, tmp_path: Path, way: str) -> None:
    """58: from GOOD on it can't be signalled; below, its death is a fault of the grader and no one's points."""
    server = ForkServer()
    grader = Grader(course, Options(max_examples=2, device="cpu"), server=server, cache=Cache(tmp_path / "cache"))
    attack = Attempt(numbers="58", needs="good", code=f"os.kill(os.getppid(), signal.{way}); return 'sent'")
    (tmp_path / "kills.py").write_text(attack.source())
    try:
        grader.workbench("init_hidden")
        if holds(server, "good"):
            result = one(grader.grade_submission(read_submission(tmp_path / "kills.py"), ["init_hidden"]))
            assert (result.score, result.printed.startswith("refused: ")) == (10, True)
        else:
            with pytest.raises(InternalFault, match=r"^The fork server "):
                grader.grade_submission(read_submission(tmp_path / "kills.py"), ["init_hidden"])
    finally:
        server.close()
