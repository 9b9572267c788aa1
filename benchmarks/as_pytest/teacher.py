"""What both test files need: the submission, the reference, and the cases that the grader draws, as Hypothesis tests.

The strategy, the seed and the numbers of cases are those of the exercise, so that both judge the same.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, given, seed, settings

from grader.course import find_course

ROOT = Path(__file__).resolve().parents[2]
COURSE = find_course(ROOT)


def load(path: Path) -> ModuleType:
    """A module from a file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def submission_and_reference(name: str) -> tuple[ModuleType, ModuleType]:
    """What is tested ($SUBMISSION), and the solution it is compared with."""
    return load(Path(os.environ["SUBMISSION"])), load(ROOT / "solutions" / name / "solution.py")


def for_cases(name: str, count: int | None = None) -> Callable[[Callable[[Any], None]], Callable[[], None]]:
    """Decorates a test that takes a case of an exercise."""
    cases = COURSE.exercise(name).declared.cases

    def decorate(test: Callable[[Any], None]) -> Callable[[], None]:
        how = settings(
            max_examples=count or COURSE.max_examples,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        return seed(COURSE.seed)(how(given(cases)(test)))

    return decorate
