"""The gradebook: what is stored is never lost or changed, the newest grading counts, and errors are in our voice."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from grader.errors import InternalFault, UsageError
from grader.gradebook import Change, Gradebook, Grading, grading_key


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook(tmp_path / "marks.sqlite") as opened:
        yield opened


def report(score: int = 10, *, exercise: str = "unroll", **changed: Any) -> dict[str, Any]:
    """One exercise's part of a report, with a law worth six points and one worth four."""
    first, second = (6 if score >= 6 else 0), (4 if score in (4, 10) else 0)
    case = {"parts": {"n": 3}, "options": {}}
    laws = [
        {"name": name, "status": "passed" if points else "failed", "points": points, "max_points": most, "message": ""}
        | {"counterexample": None if points else {"case": case, "script": "", "expected": "", "got": "", "where": ""}}
        for name, points, most in (("equal", first, 6), ("kept", second, 4))
    ]
    status = "passed" if score == 10 else "failed"
    told = {"name": exercise, "status": status, "score": score, "max_score": 10, "seconds": 0.5, "message": ""}
    return {**told, "printed": "", "diagnosis": [], "properties": laws, **changed}


def a_grading(content: str = "c1", exercise_key: str = "k1", score: int = 10, exercise: str = "unroll") -> Grading:
    return Grading(
        content=content, exercise=exercise, exercise_key=exercise_key, report=report(score, exercise=exercise)
    )


def hand_in(book: Gradebook, run: int, student: str = "ada", content: str = "c1", **changed: Any) -> int:
    fields = {"name": "Ada", "email": "ada@example.org", "shown": "ada.py", "handed_in": None, "late": None, **changed}
    return book.add_attempt(run, student=student, content=content, **fields)


def grade(book: Gradebook, run: int, grading: Grading, student: str = "ada", attempt: int = 1) -> None:
    book.add_gradings(run, [grading])
    book.add_marks(run, [(student, attempt, grading.exercise, grading.key)])


def test_a_mark_holds_student_attempt_and_report(book: Gradebook) -> None:
    run = book.begin_run({"seed": 1})
    assert hand_in(book, run) == 1
    grade(book, run, a_grading(score=6))
    (mark,) = book.marks()
    assert (mark.student, mark.name, mark.email, mark.attempt) == ("ada", "Ada", "ada@example.org", 1)
    assert (mark.exercise, mark.score, mark.max_score, mark.own_score, mark.status) == ("unroll", 6, 10, 6, "failed")
    assert [(law.name, law.points, law.status) for law in mark.properties] == [
        ("equal", 6, "passed"),
        ("kept", 0, "failed"),
    ]
    assert mark.report == report(6)


def test_another_content_is_another_attempt_and_the_same_one_is_not(book: Gradebook) -> None:
    run = book.begin_run({})
    assert [hand_in(book, run, content=each) for each in ("c1", "c2", "c1", "c3")] == [1, 2, 1, 3]
    assert hand_in(book, run, student="bob", content="c3") == 1


def test_what_a_later_list_does_not_know_of_a_student_stays(book: Gradebook) -> None:
    run = book.begin_run({})
    hand_in(book, run)
    hand_in(book, run, name="", email="")
    grade(book, run, a_grading())
    assert [(mark.name, mark.email) for mark in book.marks()] == [("Ada", "ada@example.org")]


def test_a_grading_that_is_there_is_not_changed(book: Gradebook) -> None:
    """Nothing is graded twice into the gradebook: whatever comes second under a key is dropped."""
    run = book.begin_run({})
    hand_in(book, run)
    grade(book, run, a_grading(score=10))
    grade(book, run, a_grading(score=0))
    assert [mark.score for mark in book.marks()] == [10]


def test_a_later_grading_counts_and_the_earlier_one_stays(book: Gradebook, tmp_path: Path) -> None:
    first = book.begin_run({})
    hand_in(book, first)
    grade(book, first, a_grading(exercise_key="old", score=4))
    second = book.begin_run({})
    grade(book, second, a_grading(exercise_key="new", score=10))
    assert [mark.score for mark in book.marks()] == [10]
    assert book.changes(second) == [Change(student="ada", attempt=1, exercise="unroll", before=4, after=10)]
    assert book.changes(first) == []
    with sqlite3.connect(tmp_path / "marks.sqlite") as beside:
        scores = beside.execute("SELECT score FROM mark JOIN grading USING (key) ORDER BY place").fetchall()
    beside.close()
    assert scores == [(4,), (10,)]


def test_the_same_content_at_another_time_is_another_attempt(book: Gradebook) -> None:
    """Who goes back to an earlier version hands in once more; where no time is told, nobody can know."""
    run = book.begin_run({})
    monday, tuesday = (datetime(2026, 11, day, 12, tzinfo=UTC) for day in (23, 24))
    here = timezone(timedelta(hours=1))
    assert hand_in(book, run, handed_in=monday) == 1
    assert hand_in(book, run, handed_in=monday.astimezone(here)) == 1
    assert hand_in(book, run, content="c2", handed_in=monday) == 2
    assert hand_in(book, run, handed_in=tuesday) == 3
    assert hand_in(book, run) == 3
    assert hand_in(book, run, student="bob") == 1
    assert hand_in(book, run, student="bob", handed_in=tuesday) == 1
    assert hand_in(book, run, student="bob", handed_in=monday) == 2


def test_a_mark_that_goes_back_is_told(book: Gradebook) -> None:
    """Also where the gradebook knows the grading from an earlier run, so that nothing is graded anew."""
    for key, score in (("old", 4), ("new", 10), ("old", 4)):
        run = book.begin_run({})
        hand_in(book, run)
        grade(book, run, a_grading(exercise_key=key, score=score))
    assert book.changes(run) == [Change(student="ada", attempt=1, exercise="unroll", before=10, after=4)]


def test_going_back_to_an_earlier_version_counts_again(book: Gradebook) -> None:
    run = book.begin_run({})
    hand_in(book, run)
    for key, score in (("old", 4), ("new", 10), ("old", 4)):
        grade(book, run, a_grading(exercise_key=key, score=score))
    assert [mark.score for mark in book.marks()] == [4]


def test_the_pool_changes_what_counts_and_not_the_grading(book: Gradebook) -> None:
    run = book.begin_run({})
    hand_in(book, run)
    grade(book, run, a_grading(score=10))
    key = grading_key("c1", "k1")
    assert book.pool_tried(key) is None
    book.add_pooled(key, "p1", report(6))
    assert book.pool_tried(key) == "p1"
    assert [(mark.score, mark.own_score) for mark in book.marks()] == [(6, 10)]
    assert book.pool_changes(["k1"]) == [Change(student="ada", attempt=1, exercise="unroll", before=10, after=6)]
    assert book.grading_under(key).report["score"] == 10
    book.add_pooled(key, "p2", None)
    assert [(mark.score, mark.own_score) for mark in book.marks()] == [(10, 10)]


def test_gradings_tell_what_broke_and_what_gave_points() -> None:
    grading = a_grading(score=6)
    assert grading.passed == ("equal",)
    assert grading.failing == {"kept": {"parts": {"n": 3}, "options": {}}}


def test_results_are_stored_all_or_none(book: Gradebook) -> None:
    run = book.begin_run({})
    broken = Grading(content="c1", exercise="unroll", exercise_key="k2", report={**report(), "status": None})
    with pytest.raises(InternalFault, match="can't be used: NOT NULL constraint failed"):
        book.add_gradings(run, [a_grading(), broken])
    assert not book.has(grading_key("c1", "k1"))


def test_a_disk_that_is_full_is_said_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "marks.sqlite"
    with Gradebook(path) as book:
        run = book.begin_run({})
        hand_in(book, run)
        grade(book, run, a_grading())
        book._db.execute("PRAGMA max_page_count = 1")  # as many as there are: what a full disk does
        large = {**report(exercise="unroll"), "printed": "x" * 1_000_000}
        with pytest.raises(InternalFault) as caught:
            book.add_gradings(run, [Grading(content="c2", exercise="unroll", exercise_key="k1", report=large)])
    assert str(caught.value) == (
        f"The gradebook {path} can't be used: database or disk is full. What was stored before is kept."
    )
    with Gradebook(path, readonly=True) as book:
        assert [mark.score for mark in book.marks()] == [10]


def test_reading_alone_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "marks.sqlite"
    with pytest.raises(UsageError) as caught:
        Gradebook(path, readonly=True)
    assert str(caught.value) == f"There is no gradebook {path}. One is made by: grader cohort PATH --gradebook {path}"
    assert not path.exists()


@pytest.mark.parametrize("readonly", [True, False])
def test_a_file_of_something_else_is_left_alone(tmp_path: Path, readonly: bool) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("these are my notes, and they are long enough to be looked at\n" * 20, encoding="utf-8")
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as theirs:
        theirs.execute("CREATE TABLE theirs (it)")
    theirs.close()
    for path in (text, other):
        before = path.read_bytes()
        with pytest.raises(UsageError) as caught:
            Gradebook(path, readonly=readonly)
        assert str(caught.value) == f"{path} is no gradebook of this grader; choose another file."
        assert path.read_bytes() == before


def test_a_gradebook_of_a_later_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "marks.sqlite"
    Gradebook(path).__exit__(None, None, None)
    with sqlite3.connect(path) as later:
        later.execute("PRAGMA user_version = 3")
    later.close()
    with pytest.raises(UsageError, match="is a gradebook of format 3, and this grader knows format 2"):
        Gradebook(path)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "marks.sqlite"
    with pytest.raises(UsageError) as caught:
        Gradebook(path)
    assert str(caught.value) == f"{path} can't be made: there is no folder {tmp_path / 'nowhere'}."


def test_two_may_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "marks.sqlite"
    with Gradebook(path) as one, Gradebook(path) as other:
        runs = [one.begin_run({}), other.begin_run({})]
        assert runs == [1, 2]
        hand_in(one, runs[0])
        grade(one, runs[0], a_grading())
        assert hand_in(other, runs[1]) == 1
        assert [mark.score for mark in other.marks()] == [10]


def test_a_gradebook_in_a_folder_of_somebody_else_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite would write beside it; where a log is there already, nobody can tell what the file alone holds."""
    path = tmp_path / "marks.sqlite"
    with Gradebook(path) as book:
        run = book.begin_run({})
        hand_in(book, run)
        grade(book, run, a_grading())
    may = os.access
    monkeypatch.setattr("os.access", lambda file, mode: mode != os.W_OK and may(file, mode))
    with Gradebook(path, readonly=True) as opened:
        assert [mark.score for mark in opened.marks()] == [10]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["marks.sqlite"]
    (tmp_path / "marks.sqlite-wal").touch()
    with pytest.raises(UsageError, match=r"copy it with marks\.sqlite-wal to a folder of your own"):
        Gradebook(path, readonly=True)
