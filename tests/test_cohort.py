"""Cohorts: every student gets a mark and a reason; broken off at any moment and begun again, the marks are the same."""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from grader.cohort import Cohort, Outcome
from grader.course import find_course
from grader.errors import UsageError
from grader.gradebook import Gradebook
from grader.platforms.collection import HandedIn
from grader.station import Done, Work
from grader.submission import Submission
from tests.processes import ROOT

COURSE = find_course(ROOT)
ENTRY_POINT = "def unroll(): pass"
SMALL, LARGE = {"parts": {"n": 1}, "options": {}}, {"parts": {"n": 2}, "options": {}}


class FakeSpread:
    """Grades by what stands in the first line of a submission: ``# breaks equal, kept`` and what it breaks later.

    ``# breaks later kept on 1`` is a law that breaks only on the case with that number, which nobody drew.
    """

    def __init__(self, version: str = "1", pause: float = 0.0) -> None:
        self.described: dict[str, Any] = {
            "versions": version,
            "environment": {},
            "seed": 1,
            "max_examples": 5,
            "exercises": {name: f"{name} {version}" for name in COURSE.names},
        }
        self.done: list[tuple[str, Work]] = []
        self._pause = pause
        self._version = f"version {version}"

    def run(self, works: Iterable[tuple[str, Submission, Work]]) -> Iterator[tuple[str, Done]]:
        for token, submission, work in works:
            time.sleep(self._pause)
            self.done.append((token, work))
            text = submission.files[0].blocks[0][1] if submission.files[0].blocks else ""
            if "# a fault" in text or (work.cases and "# no pool" in text):
                yield token, Done(fault="the machine is on fire")
            elif work.cases:
                yield token, Done(results=tuple(_broken(text, work)))
            else:
                yield token, Done(results=tuple(_graded(name, text, self._version) for name in work.exercises))


def _law(name: str, broken: bool, case: Mapping[str, Any]) -> dict[str, Any]:
    example = {"case": case, "script": "", "expected": "", "got": "", "where": ""} if broken else None
    status, points = ("failed", 0) if broken else ("passed", 5)
    message = f"{name} is broken" if broken else ""
    return {"name": name, "status": status, "points": points, "max_points": 5} | {
        "message": message,
        "counterexample": example,
    }


def _graded(name: str, text: str, version: str = "") -> dict[str, Any]:
    broken = [law for law in ("equal", "kept") if f"# breaks {law}" in text or f"# in {version} breaks {law}" in text]
    laws = [_law(law, law in broken, SMALL) for law in ("equal", "kept")]
    score = sum(law["points"] for law in laws)
    told = {"name": name, "status": "passed" if score == 10 else "failed", "score": score, "max_score": 10}
    return {**told, "seconds": 0.1, "message": "", "printed": "", "diagnosis": [], "properties": laws, "path": ""}


def _broken(text: str, work: Work) -> Iterator[dict[str, Any]]:
    for law, case in work.cases:
        if law in work.laws and f"# breaks later {law} on {case['parts']['n']}" in text:
            yield _law(law, True, case)


def roster(folder: Path, **sources: str) -> list[HandedIn]:
    found = []
    for student, source in sources.items():
        path = folder / f"{student}.py"
        path.write_text(f"{source}\n{ENTRY_POINT}\n", encoding="utf-8")
        found.append(HandedIn(student=student, path=path, shown=path.name))
    return found


def silent(stage: str, done: int, total: int, remark: str = "") -> None:
    """Tells nobody how far it has come."""


def run(book: Gradebook, handed_in: list[HandedIn], spread: Any = None, watch: Any = silent, **options: Any) -> Outcome:
    return Cohort(course=COURSE, book=book, spread=spread or FakeSpread(), watch=watch).grade(handed_in, **options)


def scores(book: Gradebook) -> dict[str, int]:
    return {mark.student: mark.score for mark in book.marks()}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook(tmp_path / "marks.sqlite") as opened:
        yield opened


def test_every_student_gets_a_mark(book: Gradebook, tmp_path: Path) -> None:
    outcome = run(book, roster(tmp_path, ada="", bob="# breaks equal", cyd="# breaks equal # breaks kept"))
    assert scores(book) == {"ada": 10, "bob": 5, "cyd": 0}
    assert (outcome.exercises, outcome.graded, outcome.known, outcome.faults) == (("unroll",), 3, 0, ())


def test_who_handed_in_nothing_gets_a_reason(book: Gradebook, tmp_path: Path) -> None:
    """An empty folder, a file that is gone, a problem that the platform's export has: none ends the command."""
    spread = FakeSpread()
    (tmp_path / "dan").mkdir()
    given = [
        *roster(tmp_path, ada=""),
        HandedIn(student="dan", path=tmp_path / "dan", shown="dan"),
        HandedIn(student="eve", path=tmp_path / "gone.py", shown="gone.py"),
        HandedIn(student="fay", path=tmp_path / "fay", shown="fay", problem="Only text was handed in."),
    ]
    run(book, given, spread)
    assert sorted(scores(book)) == ["ada", "dan", "eve", "fay"]


def test_the_same_again_grades_nothing(book: Gradebook, tmp_path: Path) -> None:
    given = roster(tmp_path, ada="", bob="# breaks equal")
    run(book, given)
    again = FakeSpread()
    outcome = run(book, given, again)
    assert (outcome.graded, outcome.known, again.done) == (0, 2, [])


def test_what_is_changed_meanwhile_is_graded_as_it_was_read(book: Gradebook, tmp_path: Path) -> None:
    """Each submission is read once; what is graded, and tried on the cases of others, is what marks are noted for."""
    given = roster(tmp_path, ada="", bob="# breaks equal")

    def change(stage: str, done: int, total: int, remark: str = "") -> None:
        if (stage, done) == ("grading", 0):
            roster(tmp_path, ada="# breaks equal # breaks kept")

    run(book, given, watch=change)
    assert scores(book) == {"ada": 10, "bob": 5}
    run(book, given)
    assert [(mark.student, mark.attempt, mark.score) for mark in book.marks()] == [
        ("ada", 1, 10),
        ("ada", 2, 0),
        ("bob", 1, 5),
    ]


def test_equal_contents_are_graded_once(book: Gradebook, tmp_path: Path) -> None:
    """Under the same name; the name stands in messages."""
    for student in ("ada", "bob"):
        (tmp_path / student).mkdir()
        (tmp_path / student / "hw.py").write_text(f"# breaks kept\n{ENTRY_POINT}\n", encoding="utf-8")
    spread = FakeSpread()
    given = [HandedIn(student=each, path=tmp_path / each, shown=each) for each in ("ada", "bob")]
    run(book, given, spread, pool=False)
    assert len(spread.done) == 1
    assert scores(book) == {"ada": 5, "bob": 5}


def test_nothing_of_a_name_reaches_the_result(book: Gradebook, tmp_path: Path) -> None:
    """A report that two students share must not tell one of the other."""
    (tmp_path / "ada lovelace").mkdir()
    (tmp_path / "ada lovelace" / "hw.py").write_text(ENTRY_POINT, encoding="utf-8")
    seen: list[Submission] = []

    class Watching(FakeSpread):
        def run(self, works: Any) -> Any:
            for token, submission, work in works:
                seen.append(submission)
                yield token, Done(results=tuple(_graded(name, "") for name in work.exercises))

    run(book, [HandedIn(student="ada", path=tmp_path / "ada lovelace", shown="ada lovelace")], Watching())
    assert "lovelace" not in repr(seen)


def test_what_changed_is_another_attempt(book: Gradebook, tmp_path: Path) -> None:
    run(book, roster(tmp_path, ada="# breaks equal"))
    run(book, roster(tmp_path, ada=""))
    assert [(mark.attempt, mark.score) for mark in book.marks()] == [(1, 5), (2, 10)]


def test_another_version_of_an_exercise_grades_again_and_shows_the_difference(book: Gradebook, tmp_path: Path) -> None:
    given = roster(tmp_path, ada="# in version 2 breaks equal", bob="# breaks equal")
    run(book, given)
    outcome = run(book, given, FakeSpread(version="2"))
    assert (outcome.graded, scores(book)) == (2, {"ada": 5, "bob": 5})
    assert list(outcome.lines()) == [
        "Graded unroll: 2 submissions now, 0 were known.",
        "Marks that are others than before: 1",
        "  ada, unroll: 10 before, 5 now",
    ]
    with sqlite3.connect(tmp_path / "marks.sqlite") as beside:
        kept = beside.execute("SELECT score FROM mark JOIN grading USING (key) ORDER BY student, place").fetchall()
    beside.close()
    assert kept == [(10,), (5,), (5,), (5,)]


def test_the_cases_of_each_are_tried_on_all_others(book: Gradebook, tmp_path: Path) -> None:
    given = roster(
        tmp_path, ada="", bob="# breaks kept", cyd="# breaks later kept on 1", dan="# breaks later kept on 2"
    )
    spread = FakeSpread()
    outcome = run(book, given, spread)
    assert scores(book) == {"ada": 10, "bob": 5, "cyd": 5, "dan": 10}
    assert [(each.student, each.before, each.after) for each in outcome.pooled] == [("cyd", 10, 5)]
    (mark,) = [mark for mark in book.marks() if mark.student == "cyd"]
    assert (mark.status, mark.own_score) == ("failed", 10)
    assert [law.message for law in mark.properties if law.status == "failed"] == [
        "On a case that somebody else's submission brought up: kept is broken"
    ]
    tried = [work for _, work in spread.done if work.cases]
    assert len(tried) == 3  # bob's own law is broken already
    assert all(work.cases == (("kept", SMALL),) and work.laws == {"kept"} for work in tried)


def test_without_the_pool_each_has_its_own_mark(book: Gradebook, tmp_path: Path) -> None:
    outcome = run(book, roster(tmp_path, bob="# breaks kept", cyd="# breaks later kept on 1"), pool=False)
    assert (scores(book), outcome.pooled) == ({"bob": 5, "cyd": 10}, ())


def test_who_comes_later_brings_cases_for_who_was_there(book: Gradebook, tmp_path: Path) -> None:
    """The order in which submissions come changes no mark."""
    early = roster(tmp_path, cyd="# breaks later kept on 1")
    run(book, early)
    assert scores(book) == {"cyd": 10}
    outcome = run(book, [*early, *roster(tmp_path, bob="# breaks kept")])
    assert scores(book) == {"bob": 5, "cyd": 5}
    assert outcome.known == 1
    run(book, roster(tmp_path, ada="# breaks kept"))  # cyd's file is not among these, and its mark stays
    assert scores(book)["cyd"] == 5


def test_an_attempt_whose_file_is_gone_is_counted_as_not_tried(book: Gradebook, tmp_path: Path) -> None:
    run(book, roster(tmp_path, cyd="# breaks later kept on 1"))
    outcome = run(book, roster(tmp_path, bob="# breaks kept"))
    assert (outcome.not_pooled, scores(book)) == (1, {"bob": 5, "cyd": 10})


def test_a_fault_of_the_grader_is_no_mark(book: Gradebook, tmp_path: Path) -> None:
    outcome = run(book, roster(tmp_path, ada="", bob="# a fault"))
    assert scores(book) == {"ada": 10}
    assert outcome.faults == ("bob: the machine is on fire",)
    assert list(outcome.lines())[-3:] == [
        "Not graded, through a fault of the grader or of this machine: 1",
        "  bob: the machine is on fire",
        "They have no mark; start the same command again.",
    ]
    run(book, roster(tmp_path, ada="", bob="# mended"))
    assert scores(book) == {"ada": 10, "bob": 10}


def test_a_fault_in_the_pool_takes_no_mark(book: Gradebook, tmp_path: Path) -> None:
    """What could not be tried on the cases of others keeps its mark, and all who handed it in are named."""
    handed_in = roster(tmp_path, ada="# no pool", bob="# breaks kept", cyd="# no pool")
    handed_in[2] = replace(handed_in[2], path=handed_in[0].path)
    outcome = run(book, handed_in)
    assert scores(book) == {"ada": 10, "bob": 5, "cyd": 10}
    assert (outcome.faults, outcome.pool_faults) == ((), ("ada, cyd: the machine is on fire",))
    assert list(outcome.lines())[-3:] == [
        "Not tried on the failing cases of others, through a fault of the grader or of this machine: 1",
        "  ada, cyd: the machine is on fire",
        "They keep the marks they have; start the same command again.",
    ]


def test_a_cohort_of_another_course_is_refused(book: Gradebook, tmp_path: Path) -> None:
    (tmp_path / "ada.py").write_text("def something_else(): pass\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        run(book, [HandedIn(student="ada", path=tmp_path / "ada.py", shown="ada.py")])
    assert str(caught.value) == (
        "Nobody's submission defines anything that the course asks for. If this is the right course, say which "
        "exercises to grade: --exercise NAME"
    )
    assert list(book.marks()) == []


def grade_all(folder: Path, name: str, pause: float, begun: Connection) -> None:
    """What a process does that will be killed."""

    def watch(stage: str, done: int, total: int, remark: str = "") -> None:
        if (stage, done) == ("grading", 0):
            begun.send(stage)

    given = [HandedIn(student=path.stem, path=path, shown=path.name) for path in sorted(folder.glob("*.py"))]
    with Gradebook(folder / name) as book:
        run(book, given, FakeSpread(pause=pause), watch)


LASTING = (
    "SELECT student, attempt, mark.exercise, place, content, grading.report, pooled.report "
    "FROM mark JOIN grading USING (key) LEFT JOIN pooled USING (key) ORDER BY 1, 2, 3, 4"
)


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
def test_killed_at_any_moment_and_begun_again_it_comes_to_the_same(tmp_path: Path) -> None:
    """Twenty times, at random moments; each time at most what was under way is lost."""
    kinds = (
        "",
        "# breaks kept",
        "# breaks equal",
        "# breaks later kept on 1",
        "# breaks equal # breaks later kept on 1",
    )
    roster(tmp_path, **{f"s{number:02}": f"{kinds[number % 5]} # {number}" for number in range(30)})

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.test_cohort"])

    def begin(name: str, pause: float) -> BaseProcess:
        theirs, ours = context.Pipe()
        process = context.Process(target=grade_all, args=(tmp_path, name, pause, ours))
        process.start()
        assert theirs.recv() == "grading"
        return process

    def lasting(name: str) -> list[Any]:
        book = sqlite3.connect(tmp_path / name)
        try:
            return book.execute(LASTING).fetchall()
        finally:
            book.close()

    def finish(name: str) -> None:
        process = begin(name, 0.0)
        process.join()
        assert process.exitcode == 0

    finish("whole.sqlite")
    moments = random.Random(20261121)
    counts = []
    for _ in range(20):
        process = begin("killed.sqlite", 0.02)
        time.sleep(moments.uniform(0.0, 0.3))
        process.kill()
        process.join()
        counts.append(len(lasting("killed.sqlite")))
    assert counts == sorted(counts)
    assert len(set(counts)) > 1  # some got somewhere
    finish("killed.sqlite")
    assert lasting("killed.sqlite") == lasting("whole.sqlite")
    assert len(lasting("whole.sqlite")) == 30
