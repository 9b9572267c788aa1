"""The gradebook: one SQLite file with what every student handed in, what came of it, and what that depended on.

How it works: a *grading* is the whole report of one content on one exercise under one key, which digests all that the
result depends on: content, exercise, seed, number of cases, limits, versions. It is written once and never changed.
A *mark* says which gradings a student's attempt has had at an exercise; the newest counts, the older ones stay. The
pool's verdicts stand beside the gradings and not in them. Each submission is one transaction in a write-ahead log: who
is killed loses what was under way, and no more.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader.errors import InternalFault, UsageError

_APPLICATION = 0x47524452  # "GRDR", in the header of the file
_VERSION = 2
_PATIENCE = 60.0  # seconds for another process that is writing

_SCHEMA = """
CREATE TABLE student (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL
);
CREATE TABLE attempt (
    student TEXT NOT NULL REFERENCES student,
    number INTEGER NOT NULL,            -- from 1, as they came in
    content TEXT NOT NULL,              -- digest of what was read
    shown TEXT NOT NULL,                -- where it was
    handed_in TEXT,                     -- ISO 8601 with zone, where it is known
    late INTEGER,                       -- 0 or 1, where the learning platform says so
    last_run INTEGER NOT NULL REFERENCES run,  -- that met it
    PRIMARY KEY (student, number)
);
CREATE TABLE grading (
    key TEXT PRIMARY KEY,               -- digest of all that the result depends on
    content TEXT NOT NULL,
    exercise TEXT NOT NULL,
    exercise_key TEXT NOT NULL,         -- digest of all that the result depends on, but for the content
    status TEXT NOT NULL,
    score INTEGER NOT NULL,
    max_score INTEGER NOT NULL,
    seconds REAL NOT NULL,
    graded_at TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run,
    report TEXT NOT NULL                -- the exercise's part of a report, as JSON
);
CREATE TABLE mark (
    student TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    exercise TEXT NOT NULL,
    key TEXT NOT NULL REFERENCES grading,
    place INTEGER NOT NULL,             -- of this key among those the attempt has had at the exercise; the last counts
    run INTEGER NOT NULL REFERENCES run,  -- that put it there
    PRIMARY KEY (student, attempt, exercise, place),
    FOREIGN KEY (student, attempt) REFERENCES attempt (student, number)
);
CREATE TABLE pooled (
    key TEXT PRIMARY KEY REFERENCES grading,
    pool TEXT NOT NULL,                 -- digest of the cases that were tried
    score INTEGER,
    report TEXT                         -- as the grading's, with what the pool's cases broke; NULL where nothing
);
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    started TEXT NOT NULL,
    finished TEXT,
    settings TEXT NOT NULL              -- as JSON: seed, cases, exercises, environment
);
CREATE VIEW current AS                  -- one row a student, attempt and exercise: what counts
    SELECT student, attempt, exercise, key FROM mark AS one
    WHERE place = (SELECT max(place) FROM mark AS other WHERE other.student = one.student
                   AND other.attempt = one.attempt AND other.exercise = one.exercise);
CREATE INDEX attempt_by_content ON attempt (student, content);
CREATE INDEX mark_by_key ON mark (key);
CREATE INDEX grading_by_exercise ON grading (exercise_key);
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class PropertyMark:
    """One law's part of a mark; see ``report.PropertyResult``."""

    name: str
    points: int
    max_points: int
    status: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """What counts for one exercise of one attempt of a student, with the pool's verdict.

    Attributes:
        student: the id.
        shown: where the submission was.
        attempt: number, from 1.
        handed_in, late: as far as the learning platform tells.
        score, max_score: raw points; no policy is applied.
        status, message: see ``report.ExerciseResult``.
        own_score: before the counterexamples of others were tried.
        report: the exercise's part of a report, as JSON data.
    """

    student: str
    name: str
    email: str
    shown: str
    attempt: int
    handed_in: datetime | None
    late: bool | None
    last_run: int
    exercise: str
    score: int
    max_score: int
    status: str
    message: str
    own_score: int
    properties: tuple[PropertyMark, ...]
    graded_at: datetime
    report: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Grading:
    """The result of one content on one exercise under one key."""

    content: str
    exercise: str
    exercise_key: str
    report: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Of this grading."""
        return grading_key(self.content, self.exercise_key)

    @property
    def failing(self) -> dict[str, Mapping[str, Any]]:
        """The smallest failing case of each law that was broken, as JSON data."""
        laws = self.report["properties"]
        return {law["name"]: law["counterexample"]["case"] for law in laws if law["counterexample"] is not None}

    @property
    def passed(self) -> tuple[str, ...]:
        """Names of the laws that gave points."""
        return tuple(law["name"] for law in self.report["properties"] if law["points"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A mark that a later grading made another one."""

    student: str
    attempt: int
    exercise: str
    before: int
    after: int


class Gradebook:
    """An open gradebook; a context manager.

    Args:
        path: the file; made where there is none, unless ``readonly``.
        readonly: whether nothing is to be written.

    Raises:
        UsageError: there is no such file, or it is something else.
        InternalFault: (from any method) it can't be read or written, because the disk is full, say.
    """

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        self._path = path
        if readonly and not path.is_file():
            raise UsageError(f"There is no gradebook {path}. One is made by: grader cohort PATH --gradebook {path}")
        if not path.absolute().parent.is_dir():
            raise UsageError(f"{path} can't be made: there is no folder {path.absolute().parent}.")
        address = f"{path.absolute().as_uri()}?mode={'ro' if readonly else 'rwc'}"
        if readonly and not os.access(path.absolute().parent, os.W_OK):  # SQLite would keep its log beside it
            if path.with_name(f"{path.name}-wal").exists():
                raise UsageError(
                    f"{path} is in use, or was when its grader was ended, and its folder can't be written: "
                    f"copy it with {path.name}-wal to a folder of your own."
                )
            address += "&immutable=1"
        try:
            self._db = sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None)
        except sqlite3.Error as error:
            raise UsageError(f"{path} can't be opened: {error}.") from error
        try:
            self._begin(readonly=readonly)
        except BaseException:
            self._db.close()
            raise

    def _begin(self, *, readonly: bool) -> None:
        with self._spoken_for(opening=True):
            (found,) = self._db.execute("PRAGMA application_id").fetchone()
            (version,) = self._db.execute("PRAGMA user_version").fetchone()
            (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if found != _APPLICATION and (tables or readonly):
            raise UsageError(f"{self._path} is no gradebook of this grader; choose another file.")
        if found == _APPLICATION and version != _VERSION:
            raise UsageError(
                f"{self._path} is a gradebook of format {version}, and this grader knows format {_VERSION}; "
                "use the grader that made it, or begin a new gradebook."
            )
        if readonly:
            return
        with self._spoken_for():
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA foreign_keys = ON")
        if not tables:
            with self._transaction():
                if not self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:  # nobody was faster
                    for statement in _SCHEMA.split(";\n"):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
                    self._db.execute(f"PRAGMA user_version = {_VERSION}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._db.close()

    @contextmanager
    def _spoken_for(self, *, opening: bool = False) -> Iterator[None]:
        """What SQLite raises, in our voice."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            if opening and "not a database" in str(error):
                raise UsageError(f"{self._path} is no gradebook of this grader; choose another file.") from error
            raise InternalFault(
                f"The gradebook {self._path} can't be used: {error}. What was stored before is kept."
            ) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._spoken_for():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:  # SQLite has ended it itself where the disk is full
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # Writing

    def begin_run(self, settings: Mapping[str, Any]) -> int:
        """Notes that a run of the grader begins; its number."""
        with self._transaction():
            cursor = self._db.execute("INSERT INTO run (started, settings) VALUES (?, ?)", (_now(), _text(settings)))
            assert cursor.lastrowid is not None
            return cursor.lastrowid

    def end_run(self, run: int) -> None:
        """Notes that a run has come to its end."""
        with self._transaction():
            self._db.execute("UPDATE run SET finished = ? WHERE id = ?", (_now(), run))

    def add_attempt(
        self,
        run: int,
        *,
        student: str,
        name: str,
        email: str,
        content: str,
        shown: str,
        handed_in: datetime | None,
        late: bool | None,
    ) -> int:
        """Notes that a student handed a content in; the number of the attempt.

        It is a new one for a new content, and for one that was handed in before at another time. Where a time is not
        known, the same content is the same attempt.
        """
        when = handed_in and handed_in.isoformat()
        with self._transaction():
            self._db.execute(
                "INSERT INTO student VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                "name = coalesce(nullif(excluded.name, ''), name), email = coalesce(nullif(excluded.email, ''), email)",
                (student, name, email),
            )
            (last, same) = self._db.execute(
                "SELECT coalesce(max(number), 0), max(number) FILTER (WHERE content = ?2 AND "
                "(handed_in IS NULL OR ?3 IS NULL OR julianday(handed_in) = julianday(?3))) "
                "FROM attempt WHERE student = ?1",
                (student, content, when),
            ).fetchone()
            number = int(last + 1 if same is None else same)
            self._db.execute(
                "INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (student, number) DO UPDATE SET "
                "shown = excluded.shown, handed_in = coalesce(excluded.handed_in, handed_in), "
                "late = coalesce(excluded.late, late), last_run = excluded.last_run",
                (student, number, content, shown, when, late, run),
            )
            return number

    def add_gradings(self, run: int, gradings: Sequence[Grading]) -> None:
        """Stores results, all or none; one that is there already stays as it is."""
        rows = [
            (
                each.key,
                each.content,
                each.exercise,
                each.exercise_key,
                each.report["status"],
                each.report["score"],
                each.report["max_score"],
                each.report["seconds"],
                _now(),
                run,
                _text(each.report),
            )
            for each in gradings
        ]
        with self._transaction():
            self._db.executemany(
                "INSERT INTO grading VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING", rows
            )

    def add_marks(self, run: int, marks: Iterable[tuple[str, int, str, str]]) -> None:
        """Notes for student, attempt and exercise the key of the grading that counts from now on."""
        with self._transaction():
            for student, attempt, exercise, key in marks:
                last = self._db.execute(
                    "SELECT place, key FROM mark WHERE student = ? AND attempt = ? AND exercise = ? "
                    "ORDER BY place DESC LIMIT 1",
                    (student, attempt, exercise),
                ).fetchone()
                if last is None or last[1] != key:
                    place = last[0] + 1 if last else 1
                    self._db.execute(
                        "INSERT INTO mark VALUES (?, ?, ?, ?, ?, ?)", (student, attempt, exercise, key, place, run)
                    )

    def add_pooled(self, key: str, pool: str, report: Mapping[str, Any] | None) -> None:
        """Stores what the pool's cases broke of a grading, as its report then is; ``None`` where nothing."""
        with self._transaction():
            self._db.execute(
                "INSERT OR REPLACE INTO pooled VALUES (?, ?, ?, ?)",
                (key, pool, report and report["score"], report and _text(report)),
            )

    # Reading

    def has(self, key: str) -> bool:
        """Whether there is a grading under this key."""
        return bool(self._rows("SELECT 1 FROM grading WHERE key = ?", key))

    def current_gradings(self, exercise_key: str) -> Iterator[Grading]:
        """The gradings that count and were obtained under a key of an exercise, in their order."""
        with self._spoken_for():
            rows = self._db.execute(
                "SELECT content, exercise, report FROM grading WHERE exercise_key = ? "
                "AND key IN (SELECT key FROM current) ORDER BY key",
                (exercise_key,),
            )
            for content, exercise, report in rows:
                yield Grading(content=content, exercise=exercise, exercise_key=exercise_key, report=json.loads(report))

    def grading_under(self, key: str) -> Grading:
        """The grading under a key that is there."""
        ((content, exercise, exercise_key, report),) = self._rows(
            "SELECT content, exercise, exercise_key, report FROM grading WHERE key = ?", key
        )
        return Grading(content=content, exercise=exercise, exercise_key=exercise_key, report=json.loads(report))

    def pool_tried(self, key: str) -> str | None:
        """Digest of the pool that a grading was tried on last, or ``None``."""
        found = self._rows("SELECT pool FROM pooled WHERE key = ?", key)
        return str(found[0][0]) if found else None

    def marks(self) -> Iterator[Mark]:
        """What counts: every student, attempt and exercise, in this order."""
        with self._spoken_for():
            rows = self._db.execute(
                "SELECT current.student, name, email, shown, attempt, handed_in, late, last_run, current.exercise, "
                "grading.score, graded_at, coalesce(pooled.report, grading.report) FROM current "
                "JOIN student ON student.id = current.student "
                "JOIN attempt ON attempt.student = current.student AND attempt.number = current.attempt "
                "JOIN grading USING (key) LEFT JOIN pooled USING (key) "
                "ORDER BY current.student, attempt, current.exercise"
            )
            for student, name, email, shown, attempt, when, late, run, exercise, own, graded_at, text in rows:
                report = json.loads(text)
                yield Mark(
                    student=student,
                    name=name,
                    email=email,
                    shown=shown,
                    attempt=attempt,
                    handed_in=None if when is None else datetime.fromisoformat(when),
                    late=None if late is None else bool(late),
                    last_run=run,
                    exercise=exercise,
                    score=report["score"],
                    max_score=report["max_score"],
                    status=report["status"],
                    message=report["message"],
                    own_score=own,
                    properties=tuple(
                        PropertyMark(
                            name=law["name"],
                            points=law["points"],
                            max_points=law["max_points"],
                            status=law["status"],
                            message=law["message"],
                        )
                        for law in report["properties"]
                    ),
                    graded_at=datetime.fromisoformat(graded_at),
                    report=report,
                )

    def changes(self, run: int) -> list[Change]:
        """Marks that this run made others: what counts since then has other points than what did before."""
        rows = self._rows(
            "SELECT new.student, new.attempt, new.exercise, before.score, after.score FROM mark AS new "
            "JOIN mark AS old ON old.student = new.student AND old.attempt = new.attempt "
            "AND old.exercise = new.exercise AND old.place = new.place - 1 "
            "JOIN grading AS before ON before.key = old.key JOIN grading AS after ON after.key = new.key "
            "WHERE new.run = ? AND before.score <> after.score ORDER BY 1, 2, 3",
            run,
        )
        return [Change(student=s, attempt=n, exercise=e, before=b, after=a) for s, n, e, b, a in rows]

    def pool_changes(self, exercise_keys: Iterable[str]) -> list[Change]:
        """Marks of today's exercises that the pool's cases made other ones."""
        rows = [
            row
            for key in exercise_keys
            for row in self._rows(
                "SELECT student, attempt, current.exercise, grading.score, pooled.score FROM current "
                "JOIN grading USING (key) JOIN pooled USING (key) "
                "WHERE exercise_key = ? AND pooled.score <> grading.score",
                key,
            )
        ]
        return [Change(student=s, attempt=n, exercise=e, before=b, after=a) for s, n, e, b, a in sorted(rows)]

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._spoken_for():
            return self._db.execute(query, values).fetchall()


def grading_key(content: str, exercise_key: str) -> str:
    """The key of a content's grading in an exercise."""
    return hashlib.sha256(f"{content} {exercise_key}".encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _text(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
