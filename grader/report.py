"""The result of grading: versioned data, without wording of its own and without rendering.

``to_json`` gives what ``schema/report.schema.json`` describes. Scores are sums of points; a report holds no clock
readings but the fields called ``seconds``.

Much of a report's text was chosen by a submission: names of files and classes, exceptions, output. All of it comes
through here, so here it is made plain (``plaintext.py``), when a part of a report is made: no reporter ever holds the
text as it was.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from typing import Any, ClassVar, Literal

from grader.plaintext import plain_line, plain_text

FORMAT_VERSION = 1

TIE = 0.1  # agreements nearer to each other than this decide nothing

Status = Literal["passed", "failed", "error", "missing", "unstable", "skipped"]
KEPT: tuple[Status, ...] = ("passed", "unstable")  # what a law is worth is given
Level = Literal["none", "weak", "good", "strong"]
LEVELS: tuple[Level, ...] = ("none", "weak", "good", "strong")

_MOST_TEXT = 4_000  # characters of a message; exceptions may bring more


class _Plain:
    """Base of the parts of a report: their texts are plain; ``lines`` are of one line, ``whole`` are not cut."""

    __slots__ = ()
    lines: ClassVar[tuple[str, ...]] = ()
    whole: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]  # every class derived from this one is a dataclass
            value = getattr(self, each.name)
            if isinstance(value, str):
                plain = plain_line if each.name in self.lines else plain_text
                most = None if each.name in self.whole else _MOST_TEXT
                object.__setattr__(self, each.name, plain(value, most))


@dataclass(frozen=True, kw_only=True, slots=True)
class Counterexample(_Plain):
    """The smallest case found that breaks a law.

    Attributes:
        case: the case as JSON, as ``Case.from_json`` reads it.
        script: the same as a script that needs only torch and the submission.
        expected, got, where: see ``Finding``.
    """

    whole = ("script",)

    case: Mapping[str, Any]
    script: str
    expected: str
    got: str
    where: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PropertyResult(_Plain):
    """One law's verdict on one exercise."""

    lines = ("name",)

    name: str
    status: Status
    points: int
    max_points: int
    message: str
    counterexample: Counterexample | None = None

    @property
    def earned(self) -> bool:
        """Whether its points are given; they are where a failure did not happen again."""
        return self.status in KEPT


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis(_Plain):
    """A misconception that behaves like the submission; ``agreement`` is a share from 0 to 1."""

    misconception: str
    title: str
    explanation: str
    hint: str
    agreement: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark(_Plain):
    """What no exercise needs, for whoever gives the marks to read; it costs no points. See ``intake/remarks.py``."""

    lines = ("where", "what", "why")

    where: str
    what: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ExerciseResult(_Plain):
    """One exercise of one submission.

    Attributes:
        message: why it could not be run, where it could not.
        path, line: where its entry point is defined; the line is that of a .py, not of a notebook. Empty and ``None``
            where there is no such place.
        remarks: on the code that was run.
    """

    lines = ("name", "path")
    whole = ("printed",)

    name: str
    status: Status
    score: int
    max_score: int
    seconds: float
    message: str = ""
    printed: str = ""
    diagnosis: tuple[Diagnosis, ...] = ()
    properties: tuple[PropertyResult, ...] = ()
    path: str = ""
    line: int | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def shares(self) -> tuple[int, ...]:
        """What each law is worth in whole points of the exercise, for formats that add up the parts.

        Together they are ``max_score``, and those of the laws that were kept are ``score``. Where an exercise is worth
        as much as its laws together, each has its own points.
        """
        kept = [law.max_points if law.earned else 0 for law in self.properties]
        lost = [0 if law.earned else law.max_points for law in self.properties]
        shares = zip(_divided(self.score, kept), _divided(self.max_score - self.score, lost), strict=True)
        return tuple(of_kept + of_lost for of_kept, of_lost in shares)


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmissionResult(_Plain):
    """One submission; ``path`` is as it was given, but for characters that can't be seen."""

    lines = ("path",)

    path: str
    sha256: str
    status: Status
    score: int
    max_score: int
    seconds: float
    message: str = ""
    exercises: tuple[ExerciseResult, ...] = ()

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """On the code of all exercises, each once."""
        return tuple(dict.fromkeys(remark for each in self.exercises for remark in each.remarks))


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """Something that a hostile submission would try.

    Attributes:
        what: in words.
        blocked: whether it failed here.
        by: the means that stop it.
        needed_for: the level of protection from which on it must fail.
        improve: what would stop it, where it is not blocked.
    """

    what: str
    blocked: bool
    by: tuple[str, ...]
    needed_for: Level
    improve: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Protection:
    """How well the machine was protected from submissions: ``level``, by which means, and what was tried."""

    level: Level
    means: tuple[str, ...]
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """What the result was obtained with."""

    python: str
    torch: str
    hypothesis: str
    platform: str
    devices: tuple[str, ...]
    isolation: Protection


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The result of one run of the grader."""

    grader_version: str
    seed: int
    max_examples: int
    environment: Environment
    submissions: tuple[SubmissionResult, ...]

    @property
    def score(self) -> int:
        """Points of all submissions together."""
        return sum(each.score for each in self.submissions)

    @property
    def max_score(self) -> int:
        """Points that all submissions together could have."""
        return sum(each.max_score for each in self.submissions)

    @property
    def all_passed(self) -> bool:
        """Whether every submission has full marks; an unstable law is no failure."""
        return all(each.status in KEPT for each in self.submissions)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data of format version 1: no NaN, no infinity, no lone surrogates, no control characters."""
        return {
            "format_version": FORMAT_VERSION,
            "grader_version": self.grader_version,
            "seed": self.seed,
            "max_examples": self.max_examples,
            "environment": json_data(asdict(self.environment)),
            "score": self.score,
            "max_score": self.max_score,
            "submissions": [json_data(asdict(each)) for each in self.submissions],
        }


def json_data(value: Any) -> Any:
    """Plain JSON data of parts of a report: no NaN, no infinity, no lone surrogates, no control characters."""
    match value:
        case Mapping():
            return {plain_text(str(key)): json_data(item) for key, item in value.items()}
        case list() | tuple():
            return [json_data(item) for item in value]
        case float() if not math.isfinite(value):
            return str(value)
        case str():
            return plain_text(value)
    return value


def _divided(total: int, weights: Sequence[int]) -> list[int]:
    """A whole number in whole parts by their weights."""
    whole = sum(weights)
    ends = [total * sum(weights[:end]) // whole if whole else 0 for end in range(len(weights) + 1)]
    return [end - start for start, end in pairwise(ends)]


def best(diagnosis: Sequence[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Those of a diagnosis between which agreement does not decide."""
    return tuple(each for each in diagnosis if each.agreement >= diagnosis[0].agreement - TIE)


def worst(statuses: list[Status]) -> Status:
    """The status of a whole by those of its parts."""
    order: tuple[Status, ...] = ("error", "failed", "missing", "unstable", "passed", "skipped")
    return next((status for status in order if status in statuses), "passed")
