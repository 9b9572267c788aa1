"""What makes an exercise unsound is found, and a misconception that shows late is still caught as itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import find_course
from grader.execution.cache import Cache
from grader.execution.servers import ForkServer
from grader.grading import Grader, Options
from grader.scaffolding import write_exercise
from grader.validation import check_marks, check_misconceptions, validate

_RETURNED = {
    "BatchAxisFirst": "rnn(inputs)[0].transpose(0, 1)",
    "BatchAxisFirstAgain": "rnn(inputs)[0].movedim(0, 1)",
    "OnTheCpu": "rnn(inputs)[0] + torch.zeros(1, 1, 1)",
    "OneLengthDoubled": "rnn(inputs)[0] * (2 if len(inputs) == 6 else 1)",
    "NoMistake": "rnn(inputs)[0]",
}
_MISCONCEPTION = '''
class {name}:
    """A title.

    And an explanation.
    """

    hint = "And a hint."

    def last_output(rnn, inputs):
        return {returned}
'''


_LAWS = "“the outputs of every step”, “sequences are isolated”, “device and dtype of the module”"


@pytest.fixture
def checks(tmp_path: Path, server: ForkServer, cache: Cache) -> dict[str, tuple[str, bool]]:
    """What comes of every check of an exercise whose starter is right, with misconceptions of all sorts."""
    write_exercise(tmp_path, "last_output")
    solutions = tmp_path / "solutions" / "last_output"
    misconceptions = "".join(_MISCONCEPTION.format(name=name, returned=each) for name, each in _RETURNED.items())
    (solutions / "misconceptions.py").write_text(f"import torch\n{misconceptions}", encoding="utf-8")
    starter = tmp_path / "exercises" / "last_output" / "starter.py"
    starter.write_text((solutions / "solution.py").read_text(encoding="utf-8"), encoding="utf-8")
    grader = Grader(find_course(tmp_path), Options(device="cpu", seed=1), server=server, cache=cache)
    return {each.what: (each.got, each.sound) for each in validate(grader, ["last_output"])}


def test_what_is_found(checks: dict[str, tuple[str, bool]]) -> None:
    """Points for the starter and a misconception that nothing catches are unsound; those alike are named together."""
    assert checks == {
        "the reference solution": ("full marks", True),
        "the reference, with another seed": ("the same", True),
        "the starter": (f"10 points by {_LAWS}", False),
        "returns None": ("0 points", True),
        "returns its argument": ("0 points", True),
        "returns a constant": ("0 points", True),
        "always raises": ("0 points", True),
        "returns zeros": ("0 points", True),
        "returns ones": ("0 points", True),
        "misconception BatchAxisFirst": ("caught, named batch_axis_first, batch_axis_first_again", True),
        "misconception BatchAxisFirstAgain": ("caught, named batch_axis_first, batch_axis_first_again", True),
        "misconception OnTheCpu": ("caught, named on_the_cpu", True),
        "misconception OneLengthDoubled": ("caught, named one_length_doubled", True),
        "misconception NoMistake": ("full marks, not named", False),
    }


Grading = Callable[..., Grader]


@pytest.fixture
def grading(tmp_path: Path, server: ForkServer, cache: Cache) -> Grading:
    """``grading(file, old, new)``: a grader of the exercise that ``grader new`` writes, with one change in a file."""

    def make(file: str, old: str, new: str) -> Grader:
        write_exercise(tmp_path, "last_output")
        path = tmp_path / file.replace("NAME", "last_output")
        source = path.read_text(encoding="utf-8")
        assert old in source
        path.write_text(source.replace(old, new), encoding="utf-8")
        return Grader(find_course(tmp_path), Options(device="cpu", max_examples=4), server=server, cache=cache)

    return make


@pytest.mark.parametrize(
    ("file", "old", "new", "what", "got"),
    [
        (
            "exercises/NAME/exercise.py",
            'points=5, of=("outputs",)',
            'points=5, of=("outputs", "output")',
            "law the outputs of every step",
            "no run observes `output`; observed are: outputs",
        ),
        (
            "exercises/NAME/exercise.py",
            '("step", "sequence", "feature")',
            '("sequence", "step", "feature", "x")',
            "axes of outputs",
            "('sequence', 'step', 'feature', 'x'), counted from the right, and `outputs` has no more than 3 axes",
        ),
        (
            "exercises/NAME/exercise.py",
            "from hypothesis",
            "from torch.nn import LSTM; from hypothesis",
            "exercise.py",
            "it imports torch; do so in drive.py, where tensors are made",
        ),
        (
            "exercises/NAME/exercise.py",
            'f"print(',
            'f"print((',
            "the scripts",
            "'(' was never closed: print((last_output(rnn, torch.stack([",
        ),
        (
            "solutions/NAME/solution.py",
            "return outputs",
            "import torch; return outputs + torch.rand(())",
            "the reference, with another seed",
            "the reference does not agree with itself; the outputs of every step: outputs, ",
        ),
    ],
    ids=[
        "a name that no run observes",
        "more axes than there are",
        "torch in the grader's process",
        "a script that is not Python",
        "a reference that answers by chance",
    ],
)
def test_what_is_unsound(grading: Grading, file: str, old: str, new: str, what: str, got: str) -> None:
    """A law without anything to look at, a script that can't be run and an answer by chance are told."""
    found = {each.what: each for each in check_marks(grading(file, old, new), "last_output") if not each.sound}
    assert list(found) == [what]
    assert found[what].got.startswith(got)


def test_an_exercise_in_which_nothing_shows_effort(grading: Grading) -> None:
    """Without an Equivalence no law gives points, not even to the reference: that is told, and why."""
    grader = grading("exercises/NAME/exercise.py", "Equivalence", "Fresh")
    unsound = [(each.what, each.got) for each in check_marks(grader, "last_output") if not each.sound]
    assert unsound[0] == ("the laws", "none, so no law gives points")


def test_a_drive_may_draw_for_itself(grading: Grading) -> None:
    """Only what the reference does has another seed; what the drive draws, also after a call, is the same."""
    drawn = (
        "import torch; observe(outputs=submission.last_output(build_rnn(case['rnn'], case), inputs) + torch.rand(()))"
    )
    grader = grading(
        "exercises/NAME/drive.py",
        'observe(outputs=submission.last_output(build_rnn(case["rnn"], case), inputs))',
        drawn,
    )
    assert [each.what for each in check_marks(grader, "last_output") if not each.sound] == []


def test_a_misconception_that_always_raises(grading: Grading) -> None:
    """It is caught, but as any code that raises: its author is told, and it is not held against the exercise."""
    grader = grading("solutions/NAME/misconceptions.py", "rnn(inputs)[0].transpose(0, 1)", "inputs.transpos(0, 1)")
    (check,) = check_misconceptions(grader, "last_output")
    assert (check.got, check.sound) == ("caught, named batch_axis_first", True)
    expected = (
        "it raises in every case that was tried: Your code raised AttributeError: 'Tensor' object has no attribute"
    )
    assert check.note.startswith(expected)


def test_marks_that_are_scaled(grading: Grading) -> None:
    """Where the laws' points are not what the course gives the exercise, its author is told."""
    grader = grading("exercises/course.toml", "points = 10", "points = 20")
    notes = {each.what: each.note for each in check_marks(grader, "last_output") if each.note}
    said = "its laws are worth 10 points together, and course.toml gives it 20: marks are scaled"
    assert notes == {"the reference solution": said}
