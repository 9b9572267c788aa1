"""What an export is made of, and cells that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from grader.plaintext import plain_name
from grader.policy import Counted, Final, decimal

if TYPE_CHECKING:
    from grader.gradebook import Mark

Per = Literal["exercise", "property"]

# What begins a formula in one program or another, full-width signs included: at the beginning of a cell, and after what
# another program may take for the beginning of one. Quotes, spaces and what can't be seen may stand before it.
_FORMULA = re.compile(r"""(^|[,;|])([\s"'`´‘’“”„‚«»\u200c\u200d]*)(?=[=+\-@＝＋－﹢﹣＠−])""")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """What is exported.

    Attributes:
        finals: what each student has, by id.
        marks: all attempts, in the gradebook's order.
        due: until when to hand in.
        per: whether each property gets columns of its own, where the format has room for them.
        assignment: the platform's name for all exercises together; empty where it is not said.
        platform: the platform's own table, to fill in: its name for people, and its rows of cells, the header first.
    """

    finals: Sequence[Final]
    marks: Sequence[Mark]
    due: datetime | None = None
    per: Per = "exercise"
    assignment: str = ""
    platform: tuple[str, list[list[str]]] | None = None

    @property
    def exercises(self) -> tuple[str, ...]:
        """Their names, in their order; every student has all of them."""
        return tuple(each.exercise for each in self.finals[0].counted) if self.finals else ()

    @property
    def most(self) -> dict[str, int]:
        """What can be had in each exercise."""
        counted = [each for final in self.finals for each in final.counted]
        return {name: max(each.max_points for each in counted if each.exercise == name) for name in self.exercises}

    def properties(self, exercise: str) -> dict[str, int]:
        """The properties of an exercise in the marks that count, in their order, each with what it can give."""
        found: dict[str, int] = {}
        for final in self.finals:
            for each in final.counted:
                if each.exercise == exercise and each.mark is not None:
                    found |= {law.name: law.max_points for law in each.mark.properties if law.name not in found}
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    """An export: its text, and what to tell the instructor."""

    text: str
    notes: tuple[str, ...] = ()


def cell(value: object) -> str:
    """A text as a cell: plain, and with ``'`` before what a spreadsheet would compute; numbers stay numbers."""
    text = plain_name(str(value))
    if text == "-" or _NUMBER.fullmatch(text):  # Moodle writes "-" for no date
        return text
    return _FORMULA.sub(r"\1'\2", text)


def table(rows: Iterable[Iterable[object]]) -> str:
    """A CSV; every value is made a harmless cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def law_points(counted: Counted, name: str) -> str:
    """Raw points of one property of what counts; empty where it has none of that name."""
    laws = counted.mark.properties if counted.mark else ()
    return next((decimal(law.points) for law in laws if law.name == name), "")


def names_of(final: Final) -> tuple[str, str]:
    """First and last name, as far as a full name tells them."""
    if "," in final.name:
        last, _, first = final.name.partition(",")
    else:
        first, _, last = final.name.rpartition(" ")
    return first.strip(), last.strip()


def scaled(points: Fraction, most: Fraction, to: Fraction) -> str:
    """Points as a share of what another scale has."""
    return decimal(points * to / most if most else to, to)
