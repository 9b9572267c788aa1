"""Runs the counterexamples of a JSON report again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.cases import Case
from grader.errors import SubmissionProblem, UsageError
from grader.grading import Grader
from grader.properties.comparison import TOLERANCES
from grader.report import FORMAT_VERSION
from grader.submission import read_submission


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """A counterexample that was run again.

    Attributes:
        path, exercise, law: where it comes from.
        still_fails: whether it does.
        message: what is found now, or that it passes.
        script: the counterexample as a script.
    """

    path: str
    exercise: str
    law: str
    still_fails: bool
    message: str
    script: str


def read_report(path: Path) -> dict[str, Any]:
    """A report as ``grader grade --format json`` writes it. Raises ``UsageError`` where it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}.") from error
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} is no report: it holds no JSON. Write one with grader grade SUBMISSION --report json=FILE."
        ) from error
    if not isinstance(data, dict) or data.get("format_version") != FORMAT_VERSION:
        raise UsageError(
            f"{path} is no report of format version {FORMAT_VERSION}, as grader grade --report json=FILE writes it."
        )
    seed, count = data.get("seed"), data.get("max_examples")
    whole = isinstance(seed, int) and seed >= 0 and isinstance(count, int) and count >= 1
    if not whole or not isinstance(data.get("submissions"), list):
        raise UsageError(f"{path} lacks what a report holds: a seed, max_examples and submissions.")
    return data


def replay(grader: Grader, report: Mapping[str, Any]) -> Iterator[Replayed]:
    """Runs each counterexample on the submission as it is now."""
    try:
        for submission in report["submissions"]:
            for exercise in submission["exercises"]:
                for law in exercise["properties"]:
                    if law["counterexample"] is not None:
                        yield _again(grader, submission["path"], exercise["name"], law)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"The report can't be replayed: {error!r}.") from error


def _again(grader: Grader, path: str, name: str, law: Mapping[str, Any]) -> Replayed:
    counterexample = law["counterexample"]
    case = Case.from_json(counterexample["case"])
    drawn = grader.workbench(name).plan.cases[0]
    if case.parts.keys() != drawn.parts.keys() or case.dtype not in TOLERANCES:
        raise ValueError(f"a case of {name} has the parts {', '.join(drawn.parts)} and a floating dtype")
    try:
        finding = grader.try_case(read_submission(Path(path)), name, law["name"], case)
        message = finding.message if finding is not None else "This case comes out right now."
        still = finding is not None
    except SubmissionProblem as problem:
        still, message = True, str(problem)
    return Replayed(
        path=path,
        exercise=name,
        law=law["name"],
        still_fails=still,
        message=message,
        script=counterexample["script"],
    )
