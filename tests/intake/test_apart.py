"""The process that reads submissions: it serves one after another, and what comes of one is no other's trouble."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

import pytest

from grader.errors import InternalFault, SubmissionProblem
from grader.execution.servers import ForkServer
from grader.intake import apart
from grader.intake.apart import Readers, run_apart
from tests.processes import ROOT, descendants, is_running, wait_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its functions look for processes as Unix has them")

HERE = "tests.apart_functions"
TOO_MUCH = "can't be read: it takes more time or memory than anything of its kind should."


def who() -> tuple[int, int]:
    """The process that read, and the one that forked it."""
    process, parent = run_apart(f"{HERE}:who")
    return process, parent


@pytest.fixture(autouse=True)
def readers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Readers]:
    """Processes of the test's own."""
    readers = Readers()
    monkeypatch.setattr(apart, "READERS", readers)
    yield readers
    readers.close()


@pytest.fixture
def without_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is on Windows."""
    monkeypatch.setattr(apart, "_CODE", "import os; del os.fork; " + apart._CODE)


TROUBLE: dict[str, Callable[[pytest.MonkeyPatch], object]] = {
    "ends": lambda monkeypatch: None,
    "takes_memory": lambda monkeypatch: None,
    "waits": lambda monkeypatch: monkeypatch.setattr(apart, "WALL_SECONDS", 1.0),
}


def test_one_process_serves_many_each_in_a_child() -> None:
    """The next reading is done by the same process, and another child."""
    first, second = who(), who()
    assert first[1] == second[1] != os.getpid()
    assert first[0] != second[0]


def test_what_one_leaves_behind_is_not_there_for_the_next() -> None:
    """A child is gone with all that it has read."""
    assert [run_apart(f"{HERE}:called_before", text) for text in ("one", "two")] == [[], []]


@pytest.mark.parametrize("function", TROUBLE)
def test_trouble_costs_its_own_reading_only(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a reading does to its process, it is told at what it was, and the next one gets a fresh process."""
    _, before = who()
    with monkeypatch.context() as patch:
        TROUBLE[function](patch)
        with pytest.raises(SubmissionProblem) as caught:
            run_apart(f"{HERE}:{function}", "hw.py")
    assert str(caught.value) == f"hw.py {TOO_MUCH}"
    assert who()[1] != before
    assert not is_running(before)


def test_a_fault_of_ours_is_no_verdict() -> None:
    """What breaks in the process that reads, and is no submission's doing, is a fault of the grader."""
    with pytest.raises(InternalFault) as caught:
        run_apart(f"{HERE}:breaks", "why")
    assert str(caught.value) == "Reading a submission failed: ZeroDivisionError: why."


def test_one_that_can_not_be_started_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Python itself fails, it is a fault of the grader, with Python's last words."""
    monkeypatch.setattr(apart, "_CODE", "raise SystemExit('no room')")
    with pytest.raises(InternalFault) as caught:
        who()
    assert str(caught.value) == "The process that reads submissions did not start: no room."


def test_one_that_somebody_ends_is_replaced() -> None:
    """A process that was killed between two readings costs nobody anything."""
    _, before = who()
    os.kill(before, signal.SIGKILL)
    assert wait_for(lambda: not is_running(before))
    assert who()[1] != before


@pytest.mark.parametrize("function", ["forges", "kills_what_started_it"])
def test_what_only_a_parser_taken_over_could_do(function: str) -> None:
    """A child can neither forge the end of its answer nor, by ending the process, keep another from being read."""
    with pytest.raises(SubmissionProblem) as caught:
        run_apart(f"{HERE}:{function}", "hw.py")
    assert str(caught.value) == f"The submission {TOO_MUCH}"
    assert who()


def test_it_is_where_the_grader_is_and_knows_none_of_its_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Paths mean what they mean to the grader, wherever that was when the process was started; its tokens stay here."""
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    for folder in (ROOT, tmp_path):
        monkeypatch.chdir(folder)
        here, *names = run_apart(f"{HERE}:surroundings")
        assert here == str(folder)
        assert "GITHUB_TOKEN" not in names


def test_threads_read_side_by_side(readers: Readers) -> None:
    """Each thread gets the answers to its own questions; no more processes are started than threads read at once."""
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda text: run_apart(f"{HERE}:called_before", text), map(str, range(40))))
        parents = {parent for _, parent in pool.map(lambda _: who(), range(12))}
    assert said == [[]] * 40
    assert len(parents) <= 4


def test_when_all_is_over_nobody_is_waited_for(readers: Readers, tmp_path: Path) -> None:
    """A reading that comes to no end is ended with the processes, and no other is begun."""
    mark, said = tmp_path / "reading.pid", list[str]()

    def read() -> None:
        try:
            run_apart(f"{HERE}:waits", str(mark))
        except InternalFault as fault:
            said.append(str(fault))

    thread = Thread(target=read)
    thread.start()
    assert wait_for(lambda: mark.exists() and mark.read_text(encoding="ascii"))
    readers.close()
    thread.join()
    assert said == ["Nothing can be read any more: the grader is about to end."]
    assert wait_for(lambda: not is_running(int(mark.read_text(encoding="ascii"))))


@pytest.mark.usefixtures("without_fork")
def test_without_fork_it_answers_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same process reads one after another, until it has read enough."""
    monkeypatch.setattr(apart, "MOST_READINGS", 3)
    processes = [who()[0] for _ in range(4)]
    assert len(set(processes[:3])) == 1
    assert processes[3] != processes[0]


@pytest.mark.usefixtures("without_fork")
@pytest.mark.parametrize("function", ["ends", "takes_memory", "waits"])
def test_without_fork_trouble_costs_its_own_reading_only(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There, too, one that got into trouble is replaced, and the message names the file."""
    before, _ = who()
    with monkeypatch.context() as patch:
        TROUBLE[function](patch)
        with pytest.raises(SubmissionProblem) as caught:
            run_apart(f"{HERE}:{function}", "hw.py")
    assert str(caught.value) == f"hw.py {TOO_MUCH}"
    assert who()[0] != before


# Its ties to the grader


def python(code: str) -> subprocess.Popen[str]:
    """A grader that does what ``code`` says, in a session of its own."""
    code = f"import signal; from grader.intake.apart import run_apart; {code}"
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")
def test_it_ends_with_a_grader_that_is_killed(tmp_path: Path) -> None:
    """Waiting or in the midst of a reading: when the grader is gone, so are the process and its child."""
    mark = tmp_path / "reading.pid"
    reading = f"run_apart('{HERE}:waits', {str(mark)!r})"
    for code in (reading, f"run_apart('{HERE}:who'); open({str(mark)!r}, 'w').write('0'); input()"):
        mark.unlink(missing_ok=True)
        with python(code) as grader:
            assert wait_for(lambda: mark.exists() and mark.read_text(encoding="ascii"))
            left = descendants(grader.pid)
            assert left
            grader.kill()
            assert wait_for(lambda left=left: not any(map(is_running, left)))


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")
def test_it_does_not_hear_control_c() -> None:
    """Ctrl-C in the terminal reaches the grader alone; what is read on its way out can still be read."""
    code = f"signal.signal(signal.SIGINT, signal.SIG_IGN); who = lambda: print(run_apart('{HERE}:who')[1], flush=True)"
    with python(f"{code}; who(); input(); who()") as grader:
        assert grader.stdout is not None
        before = int(grader.stdout.readline())
        os.killpg(grader.pid, signal.SIGINT)
        out, _ = grader.communicate("\n")
    assert int(out) == before


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")
def test_the_fork_server_has_no_hold_of_it() -> None:
    """The way to the process that reads is open in the grader alone, also in what is started later."""
    _, reader = who()
    way = {os.readlink(f"/proc/{reader}/fd/{number}") for number in (0, 1)}
    assert all(each.startswith("pipe:") for each in way)
    server = ForkServer()
    try:
        assert server.torch_version
        for pid in (server.pid, *descendants(server.pid)):
            assert not way & open_in(pid)
    finally:
        server.close()
    assert way <= open_in(os.getpid())


def open_in(pid: int) -> set[str]:
    """What a process has open, as far as it can be seen."""
    found: set[str] = set()
    with contextlib.suppress(OSError):
        for each in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # the one by which this is listed
                found.add(os.readlink(each))
    return found
