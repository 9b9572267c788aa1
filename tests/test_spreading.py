"""Spreading: all that is given is done once, whatever dies on the way, and little is under way at a time."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from grader.course import Course, find_course
from grader.errors import UsageError
from grader.grading import Options
from grader.spreading import LocalPlaces, Spread
from grader.station import Done, Setting, Work, _course_folder, _grader, _leave, describe, pack, packed_sha256
from grader.submission import Submission
from tests.processes import ROOT, children, command_of, descendants, is_running, wait_for
from tests.sources import init_hidden

COURSE = find_course(ROOT)
LOST = "the process that graded it ended, each time"
WORK = Work(exercises=("unroll",))


def handed_in(name: str) -> Submission:
    return Submission(path=name, sha256="", files=())


class FakePlaces:
    """Threads in place of processes; ``does`` stands for ``station.do`` and gets the submission's name."""

    def __init__(self, does: Callable[[str], Done]) -> None:
        self.does, self.renewed, self.most, self.broken = does, 0, 0, False
        self._pool = ThreadPoolExecutor(2)
        self._under_way: list[Future[Any]] = []

    def submit(self, function: Callable[..., Any], setting: Setting, *more: Any) -> Future[Any]:
        if self.broken:
            raise BrokenProcessPool
        if function is describe:
            return self._pool.submit(dict, versions="1")
        future = self._pool.submit(self._done, more[0].path)
        self._under_way = [each for each in self._under_way if not each.done()] + [future]
        self.most = max(self.most, len(self._under_way))
        return future

    def _done(self, name: str) -> Done:
        if self.broken:
            raise BrokenProcessPool
        try:
            return self.does(name)
        except BrokenProcessPool:
            self.broken = True
            raise

    def count(self) -> int:
        return 2

    def renew(self) -> None:
        self.renewed += 1
        self.broken = False

    def close(self) -> None:
        self._pool.shutdown()


@pytest.fixture
def spread_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], Done]], tuple[Spread, FakePlaces]]:
    def make(does: Callable[[str], Done]) -> tuple[Spread, FakePlaces]:
        places = FakePlaces(does)
        monkeypatch.setattr("grader.spreading.LocalPlaces", lambda workers: places)
        return Spread(COURSE, Options(), workers=2), places

    return make


def run(spread: Spread, names: str) -> dict[str, Done]:
    with spread:
        return dict(spread.run((name, handed_in(name), WORK) for name in names))


def fine(name: str) -> Done:
    return Done(results=({"name": name},), versions="1")


def test_everything_is_done_once(spread_with: Any) -> None:
    calls: list[str] = []
    spread, _ = spread_with(lambda name: calls.append(name) or fine(name))
    assert run(spread, "abcdefghij") == {name: fine(name) for name in "abcdefghij"}
    assert sorted(calls) == list("abcdefghij")


def test_little_is_under_way_at_a_time(spread_with: Any) -> None:
    """What is to be done is taken as it is needed: a thousand submissions take no more memory than ten."""
    taken: list[int] = []
    done: list[str] = []
    spread, places = spread_with(lambda name: done.append(name) or fine(name))

    def works() -> Iterator[tuple[int, Submission, Work]]:
        for number in range(60):
            taken.append(number)
            assert len(taken) - len(done) <= 4 + 1
            yield number, handed_in(str(number)), WORK

    with spread:
        assert len(list(spread.run(works()))) == 60
    assert places.most <= 4


def test_what_kills_its_process_is_given_up_and_takes_nothing_with_it(spread_with: Any) -> None:
    def does(name: str) -> Done:
        if name == "d":
            raise BrokenProcessPool
        return fine(name)

    spread, places = spread_with(does)
    came = run(spread, "abcdefgh")
    assert came.pop("d") == Done(fault=LOST)
    assert came == {name: fine(name) for name in "abcefgh"}
    assert places.renewed >= 3


def test_a_fault_is_its_own_also_in_company(spread_with: Any) -> None:
    """What has a fault each time is said to have it, though others are done meanwhile; it is tried alone."""
    names = "abcdefghijkl"

    def does(name: str) -> Done:
        time.sleep(0.3 if name == "c" else 0.0)
        return Done(fault="no memory") if name == "c" else fine(name)

    spread, _ = spread_with(does)
    assert run(spread, names) == {name: Done(fault="no memory") if name == "c" else fine(name) for name in names}


def test_one_that_kills_costs_few_processes_however_many_come(spread_with: Any) -> None:
    """It is alone when it is tried again, so that its deaths count."""

    def does(name: str) -> Done:
        time.sleep(0.3 if name == "d" else 0.0)
        if name == "d":
            raise BrokenProcessPool
        return fine(name)

    spread, places = spread_with(does)
    names = [*"abcdefgh", *map(str, range(100))]
    with spread:
        came = dict(spread.run((name, handed_in(name), WORK) for name in names))
    assert came == {name: fine(name) for name in names} | {"d": Done(fault=LOST)}
    assert places.renewed <= 4


def test_a_process_that_is_lost_once_costs_nothing(spread_with: Any) -> None:
    deaths = iter([True])

    def does(name: str) -> Done:
        if name == "c" and next(deaths, False):
            raise BrokenProcessPool
        return fine(name)

    spread, _ = spread_with(does)
    assert run(spread, "abcdef") == {name: fine(name) for name in "abcdef"}


def test_a_fault_of_the_grader_is_tried_again_and_then_said(spread_with: Any) -> None:
    calls: list[str] = []

    def does(name: str) -> Done:
        calls.append(name)
        once = name == "b" and calls.count("b") == 1
        return Done(fault="no memory") if once or name == "c" else fine(name)

    spread, _ = spread_with(does)
    assert run(spread, "abcd") == {name: fine(name) for name in "abd"} | {"c": Done(fault="no memory")}
    assert (calls.count("b"), calls.count("c")) == (2, 3)


def test_machines_with_other_versions_are_refused(spread_with: Any) -> None:
    spread, _ = spread_with(lambda name: Done(versions="2"))
    with pytest.raises(UsageError) as caught:
        run(spread, "a")
    assert str(caught.value) == (
        "The machines that grade have different versions of Python, torch, Hypothesis or the grader, or other devices, "
        "so that marks would depend on the machine: 2 and 1."
    )


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")
class TestRealProcesses:
    def test_a_station_that_is_killed_is_replaced_and_all_end_with_us(self, tmp_path: Path) -> None:
        """A submission is graded although the process that should do it was killed, and nothing is left running."""
        (tmp_path / "hw.py").write_text(init_hidden("(1, 1, 1)"), encoding="utf-8")
        with Spread(COURSE, Options(max_examples=3, device="cpu", side_by_side=False), workers=1) as spread:
            assert spread.described["seed"] == COURSE.seed
            stations = processes_that_grade()
            assert len(stations) == 1
            for pid in stations:
                os.kill(pid, signal.SIGKILL)
            ((token, done),) = spread.run([("it", handed_in("hw.py"), Work(exercises=("init_hidden",)))])
            begun = [each for pid in processes_that_grade() for each in (pid, *descendants(pid))]
            assert len(begun) > 1
        assert (token, done.fault, done.results[0]["status"]) == ("it", "", "missing")
        assert done.results[0]["message"] == "It does not define `init_hidden`."
        assert wait_for(lambda: not any(is_running(pid) for pid in {*stations, *begun}))

    def test_processes_end_when_whoever_began_them_is_killed(self) -> None:
        """The lifeline: nothing but the end of the other process is needed."""
        reader, writer = os.pipe()
        parent = os.fork()
        if parent == 0:  # pragma: no cover
            places = LocalPlaces(1)
            os.write(writer, str(places.submit(_pid, None).result()).encode())  # type: ignore[arg-type]
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(parent, 0)
        station = int(os.read(reader, 20))
        os.close(reader)
        os.close(writer)
        assert wait_for(lambda: not is_running(station))


def processes_that_grade() -> list[int]:
    return [pid for pid in children(os.getpid()) if "spawn_main" in command_of(pid)]


def _pid(setting: Setting, archive: bytes | None) -> int:
    return os.getpid()


def test_a_course_travels(tmp_path: Path) -> None:
    """Where the course isn't found, or is another one, it is unpacked from what came along."""
    archive = pack(COURSE.root)
    assert archive == pack(COURSE.root)
    setting = Setting(course=tmp_path / "nowhere", course_sha256=packed_sha256(archive), options=Options())
    folder = _course_folder(setting, archive)
    assert folder != tmp_path / "nowhere"
    assert packed_sha256(pack(folder)) == setting.course_sha256
    assert find_course(folder).names == COURSE.names
    with pytest.raises(UsageError, match="has changed since grading began; begin again"):
        _course_folder(setting, None)


def test_a_station_loads_the_rest_of_torch_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that runs a module on meta, which the reference need not do, took seconds in each of its workers.

    The course is read before, while the server is still starting.
    """
    calls: list[str] = []

    class FakeGrader:
        def __init__(self, course: Course, options: Options) -> None:
            self.server = self

        def exercise(self, name: str) -> None:
            calls.append(name)

        def warm(self) -> None:
            calls.append("warm")

        def __exit__(self, *of: object) -> None:
            calls.append("ended")

    monkeypatch.setattr("grader.station.Grader", FakeGrader)
    setting = Setting(course=COURSE.root, course_sha256=packed_sha256(pack(COURSE.root)), options=Options())
    try:
        assert _grader(setting, None) is _grader(setting, None)
    finally:
        _leave()
    assert calls == [*COURSE.names, "warm", "ended"]
