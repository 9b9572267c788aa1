"""A new exercise: sound as it is, in a course that is there or is begun, and nothing is ever overwritten."""

import pytest

from grader.course import find_course
from grader.errors import UsageError
from grader.grading import Grader, Options
from grader.scaffolding import write_exercise
from grader.validation import validate


def test_a_new_exercise_is_sound(tmp_path, server):
    """Reference, starter, doing nothing and the misconception come out as they should, in a course begun for it."""
    write_exercise(tmp_path, "last_output")
    grader = Grader(find_course(tmp_path), Options(device="cpu", max_examples=20), server=server)
    checks = list(validate(grader, ["last_output"]))
    assert [(each.what, each.got) for each in checks if not each.sound] == []
    assert len(checks) > 8


def test_a_course_grows(tmp_path):
    """A second exercise stands behind the first, and what the first is made of is untouched."""
    first = write_exercise(tmp_path, "first_output")
    before = {path: path.read_text() for path in first if path.name != "course.toml"}
    second = write_exercise(tmp_path, "last_output")
    assert find_course(tmp_path).names == ("first_output", "last_output")
    assert {path: path.read_text() for path in before} == before
    assert [path.relative_to(tmp_path).as_posix() for path in second] == [
        "exercises/last_output/README.md",
        "exercises/last_output/starter.py",
        "exercises/last_output/exercise.py",
        "exercises/last_output/drive.py",
        "solutions/last_output/solution.py",
        "solutions/last_output/misconceptions.py",
        "exercises/course.toml",
    ]


@pytest.mark.parametrize("name", ["", "Last", "last output", "../up", "class", "9th"])
def test_what_is_no_name(tmp_path, name):
    """A name must do as a folder and as a function of Python."""
    with pytest.raises(UsageError, match="can't name an exercise: expected a name of Python in lower case"):
        write_exercise(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken(tmp_path):
    """An exercise of the course, or a folder that nobody named yet, is left as it is."""
    write_exercise(tmp_path, "mine")
    with pytest.raises(UsageError, match="has an exercise 'mine' already; nothing was written"):
        write_exercise(tmp_path, "mine")
    (tmp_path / "solutions" / "yours").mkdir()
    with pytest.raises(UsageError, match="is there already; nothing was written"):
        write_exercise(tmp_path, "yours")
    assert not (tmp_path / "exercises" / "yours").exists()


def test_a_course_that_names_its_exercises_otherwise(tmp_path):
    """What could not be read afterwards is not written."""
    write_exercise(tmp_path, "mine")
    table = tmp_path / "exercises" / "course.toml"
    text = table.read_text()
    text = text[: text.index("[[exercise]]")] + 'exercise = [{name = "mine", points = 10}]\n'
    table.write_text(text)
    with pytest.raises(UsageError, match=r"can't take another \[\[exercise\]\] at its end .*; nothing was written"):
        write_exercise(tmp_path, "yours")
    assert table.read_text() == text
    assert not (tmp_path / "exercises" / "yours").exists()


def test_a_folder_that_cannot_be_written(tmp_path):
    """A file in the way is named."""
    (tmp_path / "exercises").write_text("")
    with pytest.raises(UsageError, match="can't be written"):
        write_exercise(tmp_path, "mine")
