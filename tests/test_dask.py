"""A dask cluster: a real scheduler and worker processes; what is lost is done again, what is unfit is refused."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.cohort import Cohort
from grader.course import find_course
from grader.errors import GraderError
from grader.gradebook import Gradebook
from grader.grading import Options
from grader.platforms.collection import HandedIn
from grader.spreading import Spread
from tests.processes import ROOT, wait_for
from tests.sources import init_hidden

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the cluster's processes end as those of Linux do")

COURSE = find_course(ROOT)
OPTIONS = Options(max_examples=3, device="cpu", side_by_side=False, shrink_seconds=120.0)
QUICKLY = "import grader.spreading; grader.spreading._ANSWER_SECONDS = 1"
UNFIT = (
    "grader: All machines of a cluster need the same grader, Python and Hypothesis, the scheduler's and this one, too. "
    r"Here is [0-9a-f]+/[^ /]+/[^ /]+"
)
WORKER = r"tcp://127\.0\.0\.1:\d+"
Begin = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Starts ``scheduler`` or ``worker`` of dask in a process, which ends with the test."""
    begun = []

    def begin_one(
        kind: str, *arguments: str, inside: tuple[str, ...] = (), before: str = "", package: Path = ROOT
    ) -> subprocess.Popen[bytes]:
        code = f"{before}\nfrom distributed.cli.dask_{kind} import main; main()"
        begun.append(
            subprocess.Popen(
                [*inside, sys.executable, "-c", code, "--no-dashboard", *arguments],
                env=os.environ | {"PYTHONPATH": str(package)},
                cwd=tmp_path,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        return begun[-1]

    yield begin_one
    for process in begun:
        process.kill()  # what it has started ends with it
        process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def begin_scheduler(begin: Begin, host: str = "127.0.0.1", **how: Any) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    process = begin("scheduler", "--host", host, "--port", str(port), **how)
    return process, f"tcp://{host}:{port}"


def begin_worker(begin: Begin, scheduler: str, **how: Any) -> None:
    begin("worker", scheduler, "--no-nanny", "--nthreads", "1", "--memory-limit", "0", **how)


def await_workers(scheduler: str, inside: tuple[str, ...] = ()) -> None:
    code = f"import distributed; distributed.Client({scheduler!r}, timeout=60).wait_for_workers(1, 60)"
    subprocess.run([*inside, sys.executable, "-c", code], check=True, timeout=120)


@pytest.fixture
def scheduler(begin: Begin) -> str:
    return begin_scheduler(begin)[1]


@pytest.fixture
def client(scheduler: str) -> Iterator[Any]:
    with distributed.Client(scheduler, timeout=60, set_as_default=False) as client:
        yield client


def handed_in(folder: Path, count: int) -> list[HandedIn]:
    """Right ones, and one of three for which a batch is always of one; each takes a moment to load."""
    folder.mkdir()
    found = []
    for number in range(count):
        first = "batch_size = 1" if number % 3 == 2 else "pass"
        path = folder / f"s{number}.py"
        path.write_text(init_hidden(first, after=f"time.sleep(0.2)  # {number}"), encoding="utf-8")
        found.append(HandedIn(student=path.stem, path=path, shown=path.name))
    return found


def silent(stage: str, done: int, total: int, remark: str = "") -> None:
    """Tells nobody how far it has come."""


def grade(book: Path, given: list[HandedIn], spread: Spread, watch: Callable[..., None] = silent) -> list[Any]:
    """Grades a cohort; what the gradebook then holds, but for times."""
    with Gradebook(book) as opened, spread:
        outcome = Cohort(course=COURSE, book=opened, spread=spread, watch=watch).grade(given, ["init_hidden"])
        assert (outcome.graded, outcome.faults) == (len(given), ())
        return [(mark.student, mark.attempt, {**mark.report, "seconds": 0}) for mark in opened.marks()]


def begin_cohort(
    folder: Path, scheduler: str, *, inside: tuple[str, ...] = (), before: str = ""
) -> subprocess.Popen[str]:
    """``grader cohort`` on what was handed in, as a process; its gradebook is ``marks.sqlite`` beside the folder."""
    code = f"{before}\nfrom grader.cli import main; main(prog_name='grader')"
    where = ("--gradebook", str(folder.with_name("marks.sqlite")), "--course", str(ROOT))
    how = ("--exercise", "init_hidden", "--max-examples", "3", "--device", "cpu", "--executor", "dask")
    return subprocess.Popen(
        [*inside, sys.executable, "-c", code, "cohort", str(folder), *where, *how, "--scheduler", scheduler],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refused(folder: Path, scheduler: str, before: str = "") -> str:
    """What ``grader cohort`` says when it refuses."""
    handed_in(folder / "given", 4)
    process = begin_cohort(folder / "given", scheduler, before=before)
    _, told = process.communicate(timeout=120)
    first, _, rest = told.partition("\n")
    assert (process.returncode, first) == (2, f"{folder / 'given'}: folder, 4 submissions")
    return rest


def marks(book: Path) -> list[tuple[str, int]]:
    """Students and points by now."""
    try:
        with Gradebook(book, readonly=True) as opened:
            return [(mark.student, mark.score) for mark in opened.marks()]
    except GraderError:  # not yet begun
        return []


def test_marks_are_those_of_one_machine_although_workers_are_killed(
    tmp_path: Path, begin: Begin, scheduler: str, client: Any
) -> None:
    """One while it grades, then the other one, when a new one has come. None of them finds the course where it was."""
    given = handed_in(tmp_path / "given", 9)
    for _ in range(2):
        begin_worker(begin, scheduler)
    alone = grade(tmp_path / "alone.sqlite", given, Spread(COURSE, OPTIONS, workers=1))

    home = tmp_path / "course"
    for part in ("exercises", "solutions"):
        shutil.copytree(ROOT / part, home / part)
    assert wait_for(lambda: len(client.nthreads()) == 2)
    first = client.run(os.getpid)
    spread = Spread(find_course(home), OPTIONS, workers=0, scheduler=scheduler)
    home.rename(tmp_path / "elsewhere")

    def kill(stage: str, done: int, total: int, remark: str = "") -> None:
        if (stage, done) == ("grading", 1):
            busy = next(each for each, works in client.processing().items() if works)
            os.kill(first.pop(busy), signal.SIGKILL)
        if (stage, done) == ("grading", 4):
            begin_worker(begin, scheduler)
            assert wait_for(lambda: len(client.nthreads()) == 2)
            os.kill(first.popitem()[1], signal.SIGKILL)

    assert grade(tmp_path / "together.sqlite", given, spread, kill) == alone
    assert first == {}
    assert len(client.nthreads()) == 1
    assert [report["score"] for _, _, report in alone].count(10) == 6


def test_a_worker_with_another_grader_is_refused(tmp_path: Path, begin: Begin, scheduler: str, client: Any) -> None:
    """One comment more in its source is another grader: marks must not depend on who graded."""
    shutil.copytree(ROOT / "grader", tmp_path / "other" / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "other" / "grader" / "judging.py").open("a", encoding="utf-8") as file:
        file.write("# one comment more\n")
    begin_worker(begin, scheduler)
    begin_worker(begin, scheduler, package=tmp_path / "other")
    assert wait_for(lambda: len(client.nthreads()) == 2)
    assert re.fullmatch(rf"{UNFIT}; {WORKER} has [0-9a-f]+/[^ /]+/[^ /]+\.\n", refused(tmp_path, scheduler))


def test_a_worker_without_the_grader_is_refused(tmp_path: Path, begin: Begin, scheduler: str, client: Any) -> None:
    """What it can't read would end it, and the next one, and nobody would say why."""
    begin_worker(begin, scheduler, before="import sys; sys.modules['grader'] = None")
    assert wait_for(client.nthreads)
    why = r"no grader that could be imported \(.+\)"
    assert re.fullmatch(rf"{UNFIT}; {WORKER} has {why}\.\n", refused(tmp_path, scheduler))


def test_a_scheduler_without_the_grader_is_refused(tmp_path: Path, begin: Begin) -> None:
    _, scheduler = begin_scheduler(begin, before="import sys; sys.modules['grader'] = None")
    begin_worker(begin, scheduler)
    await_workers(scheduler)
    why = r"no grader that could be imported \(.+\)"
    assert re.fullmatch(rf"{UNFIT}; scheduler has {why}\.\n", refused(tmp_path, scheduler))


def test_without_workers_there_is_a_message(tmp_path: Path, scheduler: str, client: Any) -> None:
    assert refused(tmp_path, scheduler) == (
        f"grader: The dask scheduler at {scheduler} has no workers; start some with: dask worker {scheduler}\n"
    )


def test_where_no_scheduler_answers_there_is_a_message(tmp_path: Path) -> None:
    scheduler = f"tcp://127.0.0.1:{free_port()}"
    assert refused(tmp_path, scheduler, before=QUICKLY) == (
        f"grader: No dask scheduler answers at {scheduler}: Timed out trying to connect to {scheduler} after 1 s\n"
    )


def test_an_address_that_is_none_has_a_message(tmp_path: Path) -> None:
    assert refused(tmp_path, "head") == (
        "grader: No dask scheduler answers at head: missing port number in address 'head'\n"
    )


def test_where_dask_is_not_installed_there_is_a_message(tmp_path: Path) -> None:
    assert refused(tmp_path, "tcp://127.0.0.1:1", before="import sys; sys.modules['distributed'] = None") == (
        "grader: For a dask cluster, dask is needed: pip install 'grader[dask]'\n"
    )


def test_a_scheduler_that_is_lost_is_no_verdict(tmp_path: Path, begin: Begin) -> None:
    """Exit code 3: nobody's submission is to blame. What was graded before is kept."""
    head, scheduler = begin_scheduler(begin)
    begin_worker(begin, scheduler)
    await_workers(scheduler)
    given, book = handed_in(tmp_path / "given", 30), tmp_path / "marks.sqlite"
    process = begin_cohort(tmp_path / "given", scheduler, before=QUICKLY)
    assert wait_for(lambda: marks(book))
    head.kill()
    _, told = process.communicate(timeout=120)
    assert (process.returncode, told.splitlines()[-1]) == (
        3,
        f"grader: The dask scheduler at {scheduler} is lost. What was graded is kept; start the same command again.",
    )
    assert 0 < len(marks(book)) < len(given)


@pytest.fixture
def two_networks() -> Iterator[tuple[tuple[str, ...], tuple[str, ...], str]]:
    """How to start something in each of two network namespaces joined by a cable, and the address of the first."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and iproute2")
    names = [f"grader-{os.getpid()}-{end}" for end in "ab"]

    def ip(*arguments: str) -> None:
        subprocess.run(["ip", *arguments], check=True, capture_output=True)

    try:
        for name in names:
            ip("netns", "add", name)
        ip("link", "add", "cable", "netns", names[0], "type", "veth", "peer", "name", "cable", "netns", names[1])
        for name, address in zip(names, ("10.77.0.1/24", "10.77.0.2/24"), strict=True):
            ip("-n", name, "address", "add", address, "dev", "cable")
            ip("-n", name, "link", "set", "cable", "up")
            ip("-n", name, "link", "set", "lo", "up")
        here, there = (("ip", "netns", "exec", name) for name in names)
        yield here, there, "10.77.0.1"
    except subprocess.CalledProcessError as error:
        pytest.skip(f"network namespaces can't be made here: {error.stderr!r}")
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)


def test_over_two_networks(tmp_path: Path, two_networks: Any, begin: Begin) -> None:
    """Scheduler and cohort on one side, the worker on the other, and nothing but the cable between them."""
    here, there, address = two_networks
    _, scheduler = begin_scheduler(begin, address, inside=here)
    begin_worker(begin, scheduler, inside=there)
    await_workers(scheduler, inside=here)
    handed_in(tmp_path / "given", 3)
    process = begin_cohort(tmp_path / "given", scheduler, inside=here)
    told = process.communicate(timeout=120)
    assert process.returncode == 1, told
    found = dict(marks(tmp_path / "marks.sqlite"))
    assert list(found) == ["s0", "s1", "s2"]
    assert found["s0"] == found["s1"] == 10 > found["s2"]
