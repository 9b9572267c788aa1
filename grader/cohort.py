"""A cohort: what many students handed in is graded into a gradebook.

How it works: everything is read once, and kept on disk as it was read. What the gradebook lacks of it is graded, a
bounded number at a time, and stored as it comes. Then the pool: each case on which some
submission was found wrong is tried on all the others that were found right in that law, so that no mark depends on
whose cases happened to show a mistake. All of it can be broken off at any moment and begun again: what is stored is
keyed by all that it depends on.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from grader.course import Course
from grader.errors import InternalFault, UsageError
from grader.gradebook import Change, Gradebook, Grading, grading_key
from grader.plaintext import listed, plain_line
from grader.platforms.collection import HandedIn
from grader.report import KEPT, worst
from grader.spreading import Spread
from grader.station import Work
from grader.submission import Submission, read_submission, unreadable

_MOST_POOLED = 40  # cases of an exercise that all submissions are tried on
_MOST_TOLD = 20  # of a list
_BROUGHT_UP = "On a case that somebody else's submission brought up: "


class Watch(Protocol):
    """Is told how far a cohort has come."""

    def __call__(self, stage: str, done: int, total: int, remark: str = "") -> None:
        """``stage`` says what is being done, ``done`` and ``total`` count submissions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of a cohort.

    Attributes:
        run: number of the run in the gradebook.
        exercises: that were graded.
        graded: contents that were graded now.
        known: contents of which the gradebook had everything.
        changes: marks that are others than the grading before this one gave.
        pooled: marks that the counterexamples of others changed.
        not_pooled: gradings whose files are not there any more, so that they could not be tried on the pool.
        faults: what could not be graded because the grader itself broke, in words.
        pool_faults: what has a mark, but could not be tried on the pool for the same reason.
    """

    run: int
    exercises: tuple[str, ...]
    graded: int
    known: int
    changes: tuple[Change, ...]
    pooled: tuple[Change, ...]
    not_pooled: int
    faults: tuple[str, ...]
    pool_faults: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """All of it in words."""
        yield f"Graded {', '.join(self.exercises)}: {self.graded} submissions now, {self.known} were known."
        if self.changes:
            yield f"Marks that are others than before: {len(self.changes)}"
            yield from _told(self.changes)
        if self.pooled:
            yield f"Marks that the failing cases of others changed: {len(self.pooled)}"
            yield from _told(self.pooled)
        if self.not_pooled:
            yield f"Earlier attempts not tried on these cases, because their files are gone: {self.not_pooled}"
        yield from _not_done("Not graded", self.faults, "have no mark")
        yield from _not_done("Not tried on the failing cases of others", self.pool_faults, "keep the marks they have")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """Something handed in, as it was read."""

    handed_in: HandedIn
    content: str
    defined: frozenset[str]


@dataclass(kw_only=True, slots=True)
class Cohort:
    """A cohort being graded.

    Args:
        course: with the exercises.
        book: where results go.
        spread: where the work is done.
        watch: is told how far it has come.
    """

    course: Course
    book: Gradebook
    spread: Spread
    watch: Watch
    _read: _Kept = field(init=False)
    _students: dict[str, list[str]] = field(default_factory=dict)  # by content
    _faults: list[str] = field(default_factory=list)
    _pool_faults: list[str] = field(default_factory=list)
    _graded: int = 0
    _fell_short: int = 0

    def grade(self, roster: Sequence[HandedIn], names: Sequence[str] = (), *, pool: bool = True) -> Outcome:
        """Grades all that was handed in.

        Args:
            roster: what was handed in, by whom.
            names: of exercises; those whose entry points anybody defines where there are none.
            pool: whether counterexamples are tried on everybody.

        Raises:
            UsageError: nobody defines anything that an exercise asks for.
        """
        with closing(_Kept()) as self._read:
            return self._outcome(roster, tuple(names), pool=pool)

    def _outcome(self, roster: Sequence[HandedIn], names: tuple[str, ...], *, pool: bool) -> Outcome:
        entries = self._take_in(roster)
        names = names or self._defined_by(entries)
        if not names:
            raise UsageError(
                "Nobody's submission defines anything that the course asks for. If this is the right course, say which "
                "exercises to grade: --exercise NAME"
            )
        described = self.spread.described
        run = self.book.begin_run(
            {each: described[each] for each in ("seed", "max_examples", "environment")} | {"exercises": names}
        )
        keys = {name: described["exercises"][name] for name in names}
        attempts = self._note_attempts(run, entries)
        todo = {content: self._missing(content, keys) for content in attempts}
        self._mark(run, {content: attempts[content] for content in todo if not todo[content]}, keys)
        lacking = {content: missing for content, missing in todo.items() if missing}
        self._grade(run, lacking, attempts, keys)
        pooled, not_pooled = self._pool(keys) if pool else ((), 0)
        self.book.end_run(run)
        return Outcome(
            run=run,
            exercises=names,
            graded=self._graded,
            known=len(todo) - len(lacking),
            changes=tuple(self.book.changes(run)),
            pooled=pooled,
            not_pooled=not_pooled,
            faults=tuple(self._faults),
            pool_faults=tuple(self._pool_faults),
        )

    def _take_in(self, roster: Sequence[HandedIn]) -> list[_Entry]:
        entries = []
        for done, one in enumerate(sorted(roster, key=lambda each: (each.student, each.attempt))):
            self.watch("reading", done, len(roster))
            try:
                submission = read_neutral(one)
            except InternalFault as fault:
                self._faults.append(f"{one.student}: {fault}")
                continue
            defined = frozenset(name for file in submission.files for name in file.defined)
            content = content_of(submission)
            self._read.keep(content, submission)
            self._students.setdefault(content, []).append(one.student)
            entries.append(_Entry(handed_in=one, content=content, defined=defined))
        return entries

    def _defined_by(self, entries: Sequence[_Entry]) -> tuple[str, ...]:
        anybody = frozenset[str]().union(*(entry.defined for entry in entries))
        return tuple(name for name, points in self.course.entry_points().items() if anybody & set(points))

    def _note_attempts(self, run: int, entries: Sequence[_Entry]) -> dict[str, list[tuple[str, int]]]:
        """Students and numbers of attempts, by content."""
        attempts: dict[str, list[tuple[str, int]]] = {}
        for entry in entries:
            one = entry.handed_in
            number = self.book.add_attempt(
                run,
                student=one.student,
                name=one.name,
                email=one.email,
                content=entry.content,
                shown=one.shown,
                handed_in=one.handed_in,
                late=one.late,
            )
            attempts.setdefault(entry.content, []).append((one.student, number))
        return attempts

    def _missing(self, content: str, keys: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(name for name, key in keys.items() if not self.book.has(grading_key(content, key)))

    def _mark(self, run: int, attempts: Mapping[str, Sequence[tuple[str, int]]], keys: Mapping[str, str]) -> None:
        self.book.add_marks(
            run,
            (
                (student, number, name, grading_key(content, key))
                for content, them in attempts.items()
                for student, number in them
                for name, key in keys.items()
            ),
        )

    def _grade(
        self,
        run: int,
        todo: Mapping[str, tuple[str, ...]],
        attempts: Mapping[str, list[tuple[str, int]]],
        keys: Mapping[str, str],
    ) -> None:
        works = self._works({content: Work(exercises=missing) for content, missing in todo.items()})
        self.watch("grading", 0, len(todo))
        for done, (content, came) in enumerate(self.spread.run(works), start=1):
            if came.fault:
                self._faults.append(f"{self._who(content)}: {came.fault}")
            else:
                gradings = [
                    Grading(content=content, exercise=each["name"], exercise_key=keys[each["name"]], report=each)
                    for each in came.results
                ]
                self.book.add_gradings(run, gradings)
                self._mark(run, {content: attempts[content]}, keys)
                self._graded += 1
                self._fell_short += any(each["status"] not in KEPT for each in came.results)
            faults = f", {len(self._faults)} not graded" if self._faults else ""
            self.watch("grading", done, len(todo), f"{self._fell_short} fell short{faults}")

    def _who(self, content: str) -> str:
        """The students who handed a content in."""
        return listed(dict.fromkeys(self._students[content]))

    def _works(self, todo: Mapping[str, Work]) -> Iterator[tuple[str, Submission, Work]]:
        """Work by content, with the submission, which comes from the disk when it is its turn: memory stays flat."""
        for content, work in todo.items():
            yield content, self._read.submission(content), work

    # The pool

    def _pool(self, keys: Mapping[str, str]) -> tuple[tuple[Change, ...], int]:
        """Tries the counterexamples of all on all; the marks that this changed, and what could not be tried."""
        not_there = 0
        for name, exercise_key in keys.items():
            cases = self._counterexamples(exercise_key)
            laws = frozenset(law for law, _ in cases)
            digest = hashlib.sha256(_text(cases).encode()).hexdigest()
            todo: dict[str, Work] = {}
            for grading in self.book.current_gradings(exercise_key):
                passed = laws & set(grading.passed)
                if self.book.pool_tried(grading.key) == digest:
                    continue
                if not passed:
                    self.book.add_pooled(grading.key, digest, None)
                elif grading.content in self._students:
                    todo[grading.content] = Work(exercises=(name,), cases=cases, laws=passed)
                else:
                    not_there += 1
            stage = f"{name}: trying the cases of others"
            self.watch(stage, 0, len(todo))
            for done, (content, came) in enumerate(self.spread.run(self._works(todo)), start=1):
                self.watch(stage, done, len(todo))
                key = grading_key(content, exercise_key)
                if came.fault:
                    self._pool_faults.append(f"{self._who(content)}: {came.fault}")
                else:
                    before = self.book.grading_under(key).report
                    self.book.add_pooled(key, digest, _with_broken(before, came.results) if came.results else None)
        return tuple(self.book.pool_changes(keys.values())), not_there

    def _counterexamples(self, exercise_key: str) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """The smallest failing cases of all submissions, each with its law: those that most had, in a fixed order."""
        count: Counter[tuple[str, str]] = Counter()
        for grading in self.book.current_gradings(exercise_key):
            count.update((law, _text(case)) for law, case in grading.failing.items())
        most = sorted(count, key=lambda each: (-count[each], each))[:_MOST_POOLED]
        return tuple((law, json.loads(case)) for law, case in sorted(most))


class _Kept:
    """Submissions as they were read, in a file of no name: reading one takes long, and memory should stay flat."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="grader-")  # noqa: SIM115  it is closed with this object
        self._places: dict[str, tuple[int, int]] = {}

    def keep(self, content: str, submission: Submission) -> None:
        """Keeps what has this content, once."""
        if content not in self._places:
            packed = zlib.compress(pickle.dumps(submission), 1)
            self._places[content] = self._file.seek(0, os.SEEK_END), len(packed)
            self._file.write(packed)

    def submission(self, content: str) -> Submission:
        """What has a content."""
        start, size = self._places[content]
        self._file.seek(start)
        kept: Submission = pickle.loads(zlib.decompress(self._file.read(size)))  # ours
        return kept

    def close(self) -> None:
        """Forgets all."""
        self._file.close()


def _not_done(what: str, faults: Sequence[str], marks: str) -> Iterator[str]:
    if faults:
        yield f"{what}, through a fault of the grader or of this machine: {len(faults)}"
        yield from (f"  {plain_line(each)}" for each in faults[:_MOST_TOLD])
        yield f"They {marks}; start the same command again."


def _told(changes: Sequence[Change]) -> Iterator[str]:
    for each in changes[:_MOST_TOLD]:
        yield plain_line(f"  {each.student}, {each.exercise}: {each.before} before, {each.after} now")
    if len(changes) > _MOST_TOLD:
        yield f"  and {len(changes) - _MOST_TOLD} more"


def read_neutral(one: HandedIn) -> Submission:
    """What a student handed in, under a name that does not say whose it is: equal contents get equal results.

    Raises:
        InternalFault: reading failed through no fault of the submission.
    """
    if one.problem:
        return unreadable(one.path.name, one.problem)
    try:
        submission = read_submission(one.path)
    except UsageError as error:  # an empty folder, say: the student's result, not the end of the command
        return unreadable(one.path.name, str(error).replace(str(one.path), one.shown))
    if submission.folder:
        return replace(submission, path="submission", folder="submission")
    return replace(submission, path=one.path.name)


def content_of(submission: Submission) -> str:
    """A digest of all that a worker gets of a submission."""
    return hashlib.sha256(_text([submission.path, [file.to_json() for file in submission.files]]).encode()).hexdigest()


def _with_broken(report: Mapping[str, Any], broken: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """An exercise's part of a report, with laws that the pool's cases broke."""
    by_name = {each["name"]: {**each, "message": _BROUGHT_UP + each["message"]} for each in broken}
    laws = [by_name.get(law["name"], law) for law in report["properties"]]
    full, earned = sum(law["max_points"] for law in laws), sum(law["points"] for law in laws)
    return {
        **report,
        "properties": laws,
        "status": worst([law["status"] for law in laws]),
        "score": earned * report["max_score"] // full,
    }


def _text(data: object) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"))
