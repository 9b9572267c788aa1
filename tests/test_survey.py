"""The survey of mutants: what is caught, what survives, and what its author wrote down as equal."""

import re
import shutil
from pathlib import Path

import pytest

from grader.course import find_course
from grader.errors import UsageError
from grader.grading import Grader, Options
from grader.survey import survey

ROOT = Path(__file__).resolve().parents[1]
SOLUTION = """
def detach_state(state):
    size = 1
    if state is None:
        return None
    if isinstance(state, dict):
        return type(state)((key, detach_state(part)) for key, part in state.items())
    if hasattr(state, "_make"):
        return state._make(detach_state(part) for part in state)
    if isinstance(state, (tuple, list)):
        return type(state)(detach_state(part) for part in state)
    return state.detach()
"""


@pytest.fixture
def course(tmp_path):
    """A course of one exercise, whose reference has a line that does nothing."""
    for part in ("exercises", "solutions"):
        shutil.copytree(ROOT / part / "detach_state", tmp_path / part / "detach_state")
    (tmp_path / "exercises" / "course.toml").write_text(
        'title = "One"\nseed = 3\nmax_examples = 20\npass_mark = 0.5\n'
        '[[exercise]]\nname = "detach_state"\npoints = 10\n'
    )
    (tmp_path / "solutions" / "detach_state" / "solution.py").write_text(SOLUTION)
    return tmp_path


def surveyed(folder, server):
    """Every mutant's change, with what became of it and why."""
    course = find_course(folder)
    return [
        ((one.mutant.before, one.mutant.after), one.outcome, one.why)
        for one in survey(Grader(course, Options(device="cpu"), server=server), "detach_state")
    ]


def test_survey(course, server):
    """What changes nothing survives and is shown; all else is caught by a law; a reason written down counts."""
    (course / "solutions" / "detach_state" / "mutants.toml").write_text(
        '[[equal]]\nbefore = "size = 1"\nafter = "size = 2"\nwhy = "nobody reads it"\n'
    )
    outcomes = surveyed(course, server)
    assert (("size = 1", "size = 2"), "equal", "nobody reads it") in outcomes
    survivors = {change: why for change, outcome, why in outcomes if outcome == "survived"}
    assert set(survivors) == {("size = 1", "size = (0)"), ("size = 1", "pass")}
    (why,) = set(survivors.values())
    assert re.fullmatch(r"sends the reference's bytes in all \d+ runs", why)
    caught = {change: why for change, outcome, why in outcomes if outcome == "caught"}
    assert caught["return state.detach()", "return state"] == "same structure, same values"


def test_what_the_author_wrote_can_be_read(course, server):
    """A file of another form is named, with what was expected in it."""
    (course / "solutions" / "detach_state" / "mutants.toml").write_text('[[equal]]\nbefore = "size = 1"\n')
    with pytest.raises(UsageError, match=r"mutants\.toml: expected \[\[equal\]\] tables, each with"):
        surveyed(course, server)
