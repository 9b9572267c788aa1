"""Judging: what of a submission's runs is held against which law."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast

import pytest

from grader.cases import Case
from grader.execution.known import KnownTraces
from grader.execution.traces import Trace
from grader.judging import Judge
from grader.planning import make_plan
from grader.precision import try_in_single_precision
from grader.properties import ArgumentsUnchanged, DtypeFollows, Equivalence
from grader.properties.base import Finding
from tests.builders import CASE, RAISED, course_exercise, seen, tensor

VALUES = Equivalence(name="values", points=1, of=("outputs",))
DTYPE = DtypeFollows(name="dtype", points=1, of=("outputs",), dtypes=("float64",))
UNCHANGED = ArgumentsUnchanged(name="unchanged", points=1, of=("arguments",))
CASES = [CASE.with_options(number=number) for number in range(10)]
ONE, TWO = tensor([1.0]), tensor([2.0])
RIGHT = seen({"outputs": ONE, "arguments": ONE}, {"arguments": ONE})
CHANGED = seen({"outputs": ONE, "arguments": ONE}, {"arguments": TWO})
WRONG = seen({"outputs": TWO, "arguments": ONE}, {"arguments": ONE})
SINGLE = seen({"outputs": tensor([1.0], dtype="float32")})
RAISES = seen(failure=RAISED)
IN_DOUBLE, ELSEWHERE = (
    Finding(message="Another dtype.", expected="", got="", where="", labels=(label,))
    for label in ("in float64", "on meta")
)


@dataclass
class Known:
    """A reference that always gives the same."""

    def trace(self, key: str, case: Case) -> Trace:
        return RIGHT

    def is_own(self, key: str, trace: Trace) -> bool:
        return False


def judge_of(traces: list[Trace], *, lost: Collection[str] = ()) -> Judge:
    """A judge that has seen these traces, the first of ten; the rest are right."""
    exercise = course_exercise(properties=(VALUES, UNCHANGED)).declared
    plan = make_plan((VALUES, UNCHANGED), CASES, devices=(), with_reference=True)
    judge = Judge(exercise=exercise, plan=plan, reference=cast(KnownTraces, Known()), lost=lost)
    for key, trace in zip(plan.runs, [*traces, *[RIGHT] * (len(CASES) - len(traces))], strict=True):
        judge.add(key, trace)
    return judge


def failing(judge: Judge) -> Mapping[str, int]:
    """The laws that fail, each with the number of the case that is told."""
    return {name: verdict.task.case_index for name, verdict in judge.failing().items()}


@pytest.mark.parametrize(
    ("traces", "fails"),
    [
        pytest.param([], {}, id="all right"),
        pytest.param([RAISES, WRONG], {"values": 0}, id="one raises"),
        pytest.param([RAISES] * 4, {"values": 0}, id="two in five raise"),
        pytest.param([RAISES] * 5, {"values": 0, "unchanged": 0}, id="half of them raise"),
        pytest.param([RAISES, RIGHT, CHANGED], {"values": 0, "unchanged": 2}, id="one raises, and another is wrong"),
        pytest.param([CHANGED], {"unchanged": 0}, id="none raises"),
        pytest.param([RAISES] * 10, {"values": 0, "unchanged": 0}, id="all raise"),
    ],
)
def test_a_case_that_raises_costs_what_is_compared_with_the_reference(
    traces: list[Trace], fails: Mapping[str, int]
) -> None:
    """Other laws are judged by the rest of their cases, unless too many raise."""
    assert failing(judge_of(traces)) == fails


def test_what_raises_only_in_a_variant_is_held_against_the_law_that_wanted_it() -> None:
    """Where no drawn case raises as it is, nobody else tells of it."""
    law = ArgumentsUnchanged(name="unchanged", points=1, of=("arguments",), suits=lambda case: True)
    exercise = course_exercise(properties=(law,)).declared
    plan = make_plan((law,), CASES, devices=(), with_reference=True)
    judge = Judge(exercise=exercise, plan=plan, reference=cast(KnownTraces, Known()))
    for key, trace in zip(plan.runs, [RAISES, *[RIGHT] * 9], strict=True):
        judge.add(key, trace)
    assert failing(judge) == {"unchanged": 0}


def test_other_people_s_cases() -> None:
    """A submission that has lost the law of values already loses no other one because it raises in a case of theirs."""
    assert failing(judge_of([RAISES] * 10, lost={"values"})) == {"values": 0}
    assert failing(judge_of([RAISES, CHANGED], lost={"values"})) == {"values": 0, "unchanged": 1}


@pytest.mark.parametrize(
    ("in_double", "alone", "fails"),
    [
        pytest.param(RIGHT, None, {"values": 0, "unchanged": 2}, id="dtypes follow"),
        pytest.param(SINGLE, IN_DOUBLE, {"values": 1, "dtype": 0}, id="they don't"),
        pytest.param(SINGLE, None, {"values": 0, "unchanged": 2, "dtype": 0}, id="they don't after other calls"),
        pytest.param(SINGLE, ELSEWHERE, {"values": 0, "unchanged": 2, "dtype": 0}, id="it is the device, alone"),
    ],
)
def test_what_fails_in_double_precision_is_tried_in_single_where_dtypes_do_not_follow(
    in_double: Trace, alone: Finding | None, fails: Mapping[str, int]
) -> None:
    """Only there; what holds then is kept, and what fails in single precision is lost by that."""
    laws = (VALUES, UNCHANGED, DTYPE)
    cases = [CASES[0], CASES[1].on(dtype="float32"), *CASES[2:]]
    as_drawn = dict(zip((case.key for case in cases), (WRONG, WRONG, CHANGED), strict=False))
    plan = make_plan(laws, cases, devices=(), with_reference=True)
    exercise = course_exercise(properties=laws).declared
    judge = Judge(exercise=exercise, plan=plan, reference=cast(KnownTraces, Known()))
    for key, case in plan.runs.items():
        judge.add(key, in_double if "light" in case.options else as_drawn.get(key, RIGHT))
    try_in_single_precision(judge, lambda law, case: (None, {}), alone=lambda law, case: (alone, {}))
    assert failing(judge) == fails
