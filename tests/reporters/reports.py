"""Reports for the tests of reporters: any that the grader could make, with texts that attack whoever reads them."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from grader.report import (
    Counterexample,
    Diagnosis,
    Environment,
    ExerciseResult,
    PropertyResult,
    Remark,
    Report,
    SubmissionResult,
    worst,
)
from tests.builders import PROTECTION

ENVIRONMENT = Environment(
    python="3.11.0",
    torch="2.6.0",
    hypothesis="6.100.0",
    platform="Linux x86_64",
    devices=("cpu",),
    isolation=PROTECTION,
)
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
ATTACKS = (
    "<script>alert(1)</script>",
    "</details></code></pre>",
    "<!-- ",
    "]]>",
    "&lt;&#0;",
    "![x](https://evil.example/x.png)",
    "[x](https://evil.example)",
    "https://evil.example www.evil.example a@evil.example",
    "@everyone #1",
    "```\n# heading\n```",
    "`````",
    "` `` `",
    "\n\n# heading\n\n> quote\n\n---\n\n| a | b |\n|---|---|\n",
    "\n::error file=a.py::gone",
    "::stop-commands::x",
    "##[add-mask]1",
    "%0A::error::x",
    "a,line=1::b",
    "\n      ::warning::x",
    "\\",
    "\ufffe\uffff\x00\x1b[2J",
    "\ud800",
    "\u202e\u2028",
    "=cmd()",
    "  ",
    "\t",
)
texts = st.lists(st.sampled_from(ATTACKS) | st.text(max_size=6), max_size=2).map("".join)
names = texts.filter(bool)
counterexamples = st.builds(
    Counterexample,
    case=st.just({}),
    script=names,
    expected=texts,
    got=texts,
    where=texts | st.just("hw.py, line 7, in f"),
)

remarks = st.builds(Remark, where=names | st.just("hw.py, line 7"), what=names, why=names)


@st.composite
def laws(draw: st.DrawFn) -> PropertyResult:
    status = draw(st.sampled_from(["passed", "failed", "error", "unstable", "skipped"]))
    most = draw(st.integers(1, 9))
    return PropertyResult(
        name=draw(names),
        status=status,  # type: ignore[arg-type]
        points=most if status in ("passed", "unstable") else 0,
        max_points=most,
        message=draw(texts),
        counterexample=draw(counterexamples) if status == "failed" else None,
    )


@st.composite
def exercises(draw: st.DrawFn) -> ExerciseResult:
    of = draw(st.lists(laws(), min_size=1, max_size=3))
    points = draw(st.integers(0, 30))
    earned, full = sum(law.points for law in of), sum(law.max_points for law in of)
    diagnosis = st.builds(
        Diagnosis, misconception=names, title=names, explanation=texts, hint=texts, agreement=st.just(0.9)
    )
    return ExerciseResult(
        name=draw(names),
        status="missing" if {law.status for law in of} == {"error"} else worst([law.status for law in of]),
        score=earned * points // full,
        max_score=points,
        seconds=draw(st.floats(0, 1e5)),
        message=draw(texts),
        printed=draw(texts),
        diagnosis=tuple(draw(st.lists(diagnosis, max_size=2))),
        properties=tuple(of),
        path=draw(texts | st.just("hw.py")),
        line=draw(st.none() | st.integers(1, 10**6)),
        remarks=tuple(draw(st.lists(remarks, max_size=2))),
    )


@st.composite
def submissions(draw: st.DrawFn) -> SubmissionResult:
    of = draw(st.lists(exercises(), max_size=2))
    return SubmissionResult(
        path=draw(names),
        sha256="0" * 64,
        status=worst([each.status for each in of]) if of else "error",
        score=sum(each.score for each in of),
        max_score=sum(each.max_score for each in of),
        seconds=draw(st.floats(0, 1e5)),
        message="" if of else draw(names),
        exercises=tuple(of),
    )


def report(*of: SubmissionResult) -> Report:
    return Report(grader_version="0.1.0", seed=1, max_examples=5, environment=ENVIRONMENT, submissions=of)


single_reports = st.builds(report, submissions())
reports = st.lists(submissions(), min_size=1, max_size=2).map(lambda of: report(*of))


def law(name: str, status: Any = "passed", most: int = 1, message: str = "", **found: str) -> PropertyResult:
    """A law's result; with ``script`` and so on it has a counterexample."""
    points = most if status in ("passed", "unstable") else 0
    case = Counterexample(case={}, **{"expected": "", "got": "", "where": "", **found}) if found else None
    return PropertyResult(
        name=name, status=status, points=points, max_points=most, message=message, counterexample=case
    )


_FAILED = ExerciseResult(
    name="init_hidden",
    status="failed",
    score=6,
    max_score=10,
    seconds=0.25,
    printed="hello\n",
    diagnosis=(
        Diagnosis(
            misconception="batch_first",
            title="Batch axis first",
            explanation="The state is never batch-first.",
            hint="What does each axis count?",
            agreement=0.9,
        ),
    ),
    properties=(
        law(
            "right shape",
            "failed",
            3,
            "It has shape (2, 3).",
            script="print(1)\n",
            expected="(3, 2)",
            got="(2, 3)",
            where="state",
        ),
        law(
            "no copy",
            "failed",
            1,
            "Your code raised ValueError.",
            script="print(2)\n",
            where="hw.py, line 9, in init_hidden",
        ),
        law("flat", "passed", 5),
        law("dtype follows", "unstable", 1, "It failed once."),
    ),
    path="hw.py",
    line=4,
    remarks=(Remark(where="hw.py, line 2", what="ctypes", why="reaches far"),),
)
_BROKEN = ExerciseResult(
    name="unroll",
    status="error",
    score=0,
    max_score=5,
    seconds=0.0,
    message="hw.py, line 2 is not Python.",
    properties=(
        law("outputs", "error", 4, "hw.py, line 2 is not Python."),
        law("isolated", "skipped", 1, "Not checked."),
    ),
    path="hw.py",
)
WHOLE = report(
    SubmissionResult(
        path="hw.py",
        sha256="0" * 64,
        status="error",
        score=6,
        max_score=15,
        seconds=0.5,
        exercises=(_FAILED, _BROKEN),
    )
)
NOTHING = report(
    SubmissionResult(
        path="empty.py",
        sha256="0" * 64,
        status="error",
        score=0,
        max_score=0,
        seconds=0.5,
        message="empty.py has no code in it.",
    )
)
PASSED = report(
    SubmissionResult(
        path="right.py",
        sha256="0" * 64,
        status="passed",
        score=10,
        max_score=10,
        seconds=0.5,
        exercises=(
            ExerciseResult(
                name="init_hidden",
                status="passed",
                score=10,
                max_score=10,
                seconds=0.5,
                properties=(law("right shape", most=4), law("flat", most=6)),
                path="right.py",
                line=3,
            ),
        ),
    )
)
