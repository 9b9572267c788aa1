"""What a property is: it asks for variants of a case, and judges the traces that come back.

A property never runs anything. ``variants`` says which runs of a case it wants, under labels of its own;
``judge`` gets the traces under the same labels and returns a ``Finding`` or ``None``. Comparing returns data,
explaining makes sentences for a student.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from grader.cases import Case
from grader.execution.traces import Failure, Trace

if TYPE_CHECKING:
    from grader.course import Exercise

Axes = Mapping[str, tuple[str, ...]]

AS_IT_IS = "as it is"
# how Python says that a function was called otherwise than it is defined
_DOES_NOT_FIT = re.compile(r"\(\) (takes|missing|got (an unexpected|multiple values|some positional-only))")
_LONGEST = 300  # characters that are shown of an exception's text


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A law broken on one case.

    Attributes:
        message: what is wrong, as a sentence for the student.
        expected, got: what should have come and what came, short.
        where: the place in the result, the moment, or the line.
        labels: the variants that show it.
        raised: whether all that is known is that a run raised.
        did_not_end: whether a run took its worker's life, outlasted its limit, or was not made any more.
    """

    message: str
    expected: str = ""
    got: str = ""
    where: str = ""
    labels: tuple[str, ...] = (AS_IT_IS,)
    raised: bool = field(default=False, compare=False)
    did_not_end: bool = field(default=False, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What a property judges: one case, the submission's traces by label, and the reference's where there are any.

    Attributes:
        axes: names of the axes of what the exercise observes, by observation name (see ``Exercise.axes``).
        signatures: entry points as they should be called, by name, for messages.
    """

    case: Case
    traces: Mapping[str, Trace]
    reference: Mapping[str, Trace] | None
    axes: Axes
    signatures: Mapping[str, str]


def every_case(case: Case) -> bool:
    """What a law speaks of where it says nothing else."""
    return True


def nothing_more(case: Case) -> str:
    """What a law adds to the script of a case where it says nothing else."""
    return ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Property(ABC):
    """One law.

    Attributes:
        name: short name, unique in an exercise.
        points: what keeping the law is worth.
        cases: at most so many of the drawn cases to which it applies are tried; ``None`` means all.
        suits: which of the drawn cases it speaks of, where an exercise has cases of several kinds.
        shows: lines of Python that go behind those of the exercise's ``script`` of a case that breaks the law, where
            these do not show what it judges by.
    """

    name: str
    points: int
    cases: int | None = None
    suits: Callable[[Case], bool] = every_case
    shows: Callable[[Case], str] = nothing_more

    needs_reference: ClassVar[bool] = False
    uses_reference: ClassVar[bool] = True
    shows_effort: ClassVar[bool] = False
    shrinks: ClassVar[bool] = True
    of_other_calls: ClassVar[bool] = False
    law: ClassVar[str] = ""

    @property
    def of_dtypes(self) -> bool:
        """Whether it tries other dtypes than a case's own."""
        return False

    @property
    def looks_at(self) -> tuple[str, ...]:
        """Names of the observations that it judges by."""
        of: str | Iterable[str] = getattr(self, "of", getattr(self, "at", ()))
        return (of,) if isinstance(of, str) else tuple(of)

    @abstractmethod
    def variants(self, case: Case) -> Mapping[str, Case]:
        """The runs wanted of a case, by label; empty where the law says nothing about it."""

    def wanted(self, case: Case) -> Mapping[str, Case]:
        """The variants of a case that suits; of no other is anything wanted."""
        return self.variants(case) if self.suits(case) else {}

    def script(self, case: Case, exercise: Exercise) -> str:
        """A case as a person would try it who wants to see this law broken."""
        return "\n".join(filter(None, (exercise.script(case), self.shows(case))))

    def lacks(self, axes: Axes) -> str:
        """What an exercise with these axes must still declare for it, after "the law X ..."; mostly nothing."""
        return ""

    def remark(self, traces: Mapping[str, Trace]) -> str:
        """What to tell of runs that keep the law, beside the points; mostly nothing."""
        return ""

    @abstractmethod
    def compare(self, evidence: Evidence) -> Finding | None:
        """Judges traces of runs that all returned."""

    def judge(self, evidence: Evidence) -> Finding | None:
        """The verdict on one case: a run that did not return breaks it. `Judge` says what counts against the law."""
        for label, trace in evidence.traces.items():
            if trace.failure is not None:
                return stopped(trace.failure, label, evidence)
        found = (self.compare(evidence), *(unseen(self, label, evidence) for label in evidence.traces))
        return next((finding for finding in found if finding is not None), None)


def unseen(law: Property, label: str, evidence: Evidence) -> Finding | None:
    """The finding where the reference shows what a law looks at, and the submission shows nothing."""
    if evidence.reference is None:
        return None
    for name in law.looks_at:
        expected = len(evidence.reference[label].named(name))
        if expected and not evidence.traces[label].named(name):
            return Finding(
                message=f"`{name}` was seen 0 times, expected {expected}.",
                expected=f"{expected} times",
                got="0 times",
                where=name,
                labels=(label,),
            )
    return None


def stopped(failure: Failure, label: str, evidence: Evidence) -> Finding:
    """The finding for a run that did not return."""
    got = ": ".join([*failure.types[:1], *filter(None, [_one_line(failure.text)])])
    if failure.kind != "raised":
        message = f"A run did not end as it should: the submission {failure.text}."
        if failure.where:
            message += f" It did not get past {failure.where}."
        if failure.kind == "not_run":
            message = f"This could not be tried ({failure.text})."
        place = failure.where
        return Finding(
            message=message, expected="a result", got=failure.text, where=place, labels=(label,), did_not_end=True
        )
    hint = _hint(failure, evidence)
    if failure.in_submission:
        message = f"Your code raised {got}{hint}"
    elif "TypeError" in failure.types and _DOES_NOT_FIT.search(failure.text):
        signatures = ", ".join(evidence.signatures.values())
        message = f"The call did not fit: {_one_line(failure.text)}. It should be callable as {signatures}."
    else:
        message = f"What your code returned could not be used as it should be: {got}{hint}"
    return Finding(message=message, expected="a result", got=got, where=failure.where, labels=(label,), raised=True)


def _hint(failure: Failure, evidence: Evidence) -> str:
    text = failure.text
    if "NotImplementedError" in failure.types and not text:
        return " (it is not written yet)."
    stop = "" if got_ends(_one_line(text)) else "."
    if "backward through the graph a second time" in text:
        return f"{stop} The graph of an earlier window or call is still attached to the state."
    if "can't allocate memory" in text or "MemoryError" in failure.types:
        return f"{stop} That is more memory than the limit allows."
    if "EOFError" in failure.types:
        return f"{stop} There is no input to read while your code is graded; don't call input()."
    if "SystemExit" in failure.types:
        return f"{stop} A function must not end the program."
    return stop


def got_ends(text: str) -> bool:
    """Whether a text already ends as a sentence does."""
    return text.endswith((".", "!", "?", "…"))


def _one_line(text: str) -> str:
    """A text in one line; what is too long ends with a word and an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST].rpartition(' ')[0] or line[:_LONGEST]} …"
