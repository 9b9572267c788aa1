"""The report as text for a terminal, from reports made by hand."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report import (
    Counterexample,
    Diagnosis,
    Environment,
    ExerciseResult,
    PropertyResult,
    Report,
    SubmissionResult,
)
from grader.reporters.terminal import Style, render
from tests.builders import PROTECTION

ENVIRONMENT = Environment(
    python="3.11.0",
    torch="2.6.0",
    hypothesis="6.100.0",
    platform="Linux x86_64",
    devices=("cpu",),
    isolation=PROTECTION,
)
DIGEST = "0" * 64


def report(*submissions: SubmissionResult) -> Report:
    return Report(
        grader_version="0.1.0", seed=1, max_examples=5, environment=ENVIRONMENT, submissions=tuple(submissions)
    )


def submission(path: str = "hw.py", **changed: Any) -> SubmissionResult:
    plain = SubmissionResult(path=path, sha256=DIGEST, status="passed", score=10, max_score=10, seconds=0.5)
    return replace(plain, **changed)


def exercise(**changed: Any) -> ExerciseResult:
    plain = ExerciseResult(name="init_hidden", status="passed", score=10, max_score=10, seconds=0.5)
    return replace(plain, **changed)


def law(name: str, status: Any = "passed", points: int = 1, most: int = 1, message: str = "", script: str = "") -> Any:
    counterexample = None
    if script:
        counterexample = Counterexample(case={}, script=script, expected="(2, 3)", got="(3, 2)", where="state")
    return PropertyResult(
        name=name, status=status, points=points, max_points=most, message=message, counterexample=counterexample
    )


DIAGNOSIS = Diagnosis(
    misconception="batch_first",
    title="Batch axis first",
    explanation="The state is never batch-first, not even when the module is.",
    hint="What does each axis count?",
    agreement=0.9,
)
SCRIPT = "import torch\n\nprint(1)\n"
FAILED = exercise(
    status="failed",
    score=2,
    printed=f"one\n{'two ' * 15}\nthree\nfour\nfive\nsix\nseven\neight",
    diagnosis=(DIAGNOSIS,),
    properties=(
        law("right shape", "failed", 0, 3, "The state has shape (2, 3), expected (3, 2).", SCRIPT),
        law("memory is flat", points=2, most=2),
        law("dtype follows", "unstable", 1, 1, "It failed once."),
        law("isolated", "skipped", 0, 4, "Not checked: this needs the reference."),
    ),
)

WHOLE = {
    "all passed": (
        report(
            submission(
                exercises=(
                    exercise(properties=(law("right shape", points=9, most=9), law("learns", message="It did."))),
                )
            )
        ),
        Style(width=40),
        """\
hw.py

✓ init_hidden  10 of 10 points
    ✓ right shape .................. 9/9
    ✓ learns ....................... 1/1
        It did.

Total: 10 of 10 points
""",
    ),
    "everything at once": (
        report(submission(status="failed", score=2, exercises=(FAILED,))),
        Style(width=60),
        """\
hw.py

✗ init_hidden  2 of 10 points
    ✗ right shape ...................................... 0/3
        The state has shape (2, 3), expected (3, 2).
    ✓ memory is flat ................................... 2/2
    ~ dtype follows .................................... 1/1
        It failed once.
    - isolated ......................................... 0/4
        Not checked: this needs the reference.

    Looks like: Batch axis first
    The state is never batch-first, not even when the module
    is.
    Hint: What does each axis count?

    The smallest case for “right shape”, to run:

    import torch

    print(1)

    What it printed, to begin with:
    | one
    | two two two two two two two two two two two two two
    | two two
    | three
    | four
    | five
    | six
    | seven

Total: 2 of 10 points
""",
    ),
    "self-check": (
        report(submission(status="failed", score=2, exercises=(replace(FAILED, diagnosis=(), printed=""),))),
        Style(width=60, points=False),
        """\
hw.py

✗ init_hidden
    ✗ right shape
        The state has shape (2, 3), expected (3, 2).
    ✓ memory is flat
    ~ dtype follows
        It failed once.
    - isolated
        Not checked: this needs the reference.

    The smallest case for “right shape”, to run:

    import torch

    print(1)

""",
    ),
    "could not be run": (
        report(
            submission(
                status="error",
                score=0,
                exercises=(exercise(status="error", score=0, message="hw.py, line 2 is not Python (invalid syntax)."),),
            )
        ),
        Style(),
        """\
hw.py

! init_hidden  0 of 10 points
    hw.py, line 2 is not Python (invalid syntax).

Total: 0 of 10 points
""",
    ),
    "nothing to grade": (
        report(submission(status="error", score=0, max_score=0, message="It defines none of the entry points: a, b.")),
        Style(),
        """\
hw.py
  It defines none of the entry points: a, b.

Total: 0 of 0 points
""",
    ),
    "several": (
        report(
            submission("a.py", exercises=(exercise(),)),
            submission("b.ipynb", status="failed", score=2, exercises=(exercise(status="failed", score=2),)),
        ),
        Style(),
        """\
a.py

✓ init_hidden  10 of 10 points

b.ipynb

✗ init_hidden  2 of 10 points

Summary
  ✓   10 of 10   a.py
  ✗    2 of 10   b.ipynb
""",
    ),
}


@pytest.mark.parametrize(("made", "style", "expected"), WHOLE.values(), ids=WHOLE)
def test_whole_outputs(made: Report, style: Style, expected: str) -> None:
    """A report reads exactly like this."""
    assert render(made, style) == expected


def test_colour_changes_no_word() -> None:
    """With colour the text is the same but for escape sequences; without, there is none."""
    made = WHOLE["everything at once"][0]
    plain, colored = render(made, Style()), render(made, Style(color=True))
    assert "\x1b" not in plain
    assert "\x1b[31m" in colored
    for code in range(110):
        colored = colored.replace(f"\x1b[{code}m", "")
    assert colored == plain


def test_a_long_script_is_cut() -> None:
    """Of a long script the last 150 lines are shown, where the calls are, with a word on where the rest is."""
    script = "".join(f"line_{i} = {i}\n" for i in range(152))
    failing = law("right shape", "failed", 0, 3, "Wrong.", script)
    made = report(submission(exercises=(exercise(status="failed", score=0, properties=(failing,)),)))
    lines = render(made, Style()).splitlines()
    assert "    line_1 = 1" not in lines
    assert {"    line_2 = 2", "    line_151 = 151"} <= {*lines}
    assert "    … 2 lines before these: see the JSON report, or use grader replay." in lines


def test_of_several_counterexamples_the_first_is_shown() -> None:
    """One script is enough to begin with: that of the first law, whose message stands first, too."""
    laws = (law("a", "failed", 0, 1, "A.", "print(1)\n"), law("b", "failed", 0, 1, "B.", "print()\n"))
    text = render(report(submission(exercises=(exercise(status="failed", properties=laws),))), Style())
    assert "print(1)" in text
    assert "print()" not in text


def test_points_of_laws_are_brought_to_those_of_the_exercise() -> None:
    """Where they are not the same, it is said how one became the other; in a self-check there are none."""
    made = report(
        submission(exercises=(replace(FAILED, score=12, max_score=25, properties=(law("a", points=5, most=10),)),))
    )
    line = "    The properties give 5 of 10 points, and the exercise is worth 25."
    assert line in render(made, Style()).splitlines()
    assert line not in render(made, Style(points=False)).splitlines()


def test_diagnoses_that_agree_less_are_left_out() -> None:
    """Only the misconceptions between which agreement does not decide are named."""
    others = (replace(DIAGNOSIS, title="As good", agreement=0.89), replace(DIAGNOSIS, title="Worse", agreement=0.8))
    failed = replace(FAILED, diagnosis=(DIAGNOSIS, *others))
    text = render(report(submission(exercises=(failed,))), Style())
    assert "Looks like: Batch axis first" in text
    assert "Looks like: As good" in text
    assert "Worse" not in text


@pytest.mark.parametrize("width", [1, 20, 40, 50, 80, 100, 500])
def test_lines_keep_within_the_width(width: int) -> None:
    """No line is wider than the terminal, down to 40 columns, nor than 100 columns; paths and scripts stand as they
    are."""
    long = "each call goes on where the last one ended"
    laws = (law(long, "failed", 0, 2, "word " * 60, "print(1)\n"), law("b"), law(long + ", always", points=2, most=2))
    failed = replace(FAILED, properties=laws, diagnosis=(replace(DIAGNOSIS, explanation="word " * 60),))
    made = report(submission(message="word " * 60, exercises=(failed, exercise(message="word " * 60))))
    widest = max(len(line) for line in render(made, Style(width=width)).splitlines())
    assert widest <= max(40, min(width, 100))


def test_a_message_of_several_lines_is_one_text() -> None:
    """Line ends within a message are spaces between words, and no sign of something left out."""
    failing = law("right shape", "failed", 0, 3, "It raised:\n  one\ttwo")
    text = render(report(submission(exercises=(exercise(status="failed", properties=(failing,)),))), Style())
    assert "        It raised: one two\n" in text


def dangerous(text: str) -> set[str]:
    return {char for char in text if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") and char != "\n"}


NASTY = st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Lu"]), min_size=1, max_size=8)


@given(NASTY)
def test_no_control_character_passes(text: str) -> None:
    """What comes from a submission can't move the cursor, change colours, ring, or turn the direction of writing."""
    failing = law("right shape", "failed", 0, 3, text, f"print(1)\n{text}")
    failed = exercise(status="failed", message=text, printed=text, properties=(failing,))
    text = render(report(submission(text, message=text, exercises=(failed,)), submission(text)), Style())
    assert dangerous(text) == set()
    text.encode("utf-8")
