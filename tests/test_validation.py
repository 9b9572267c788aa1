"""What makes an exercise unsound is found, and a misconception that shows late is still caught as itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course import find_course
from grader.execution.cache import Cache
from grader.execution.servers import ForkServer
from grader.grading import Grader, Options
from grader.scaffolding import write_exercise
from grader.validation import validate

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
        "the starter": ("10 points", False),
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
