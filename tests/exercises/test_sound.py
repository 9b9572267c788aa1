"""Every exercise of the course is sound, as `grader validate` says it, with the course's own seed."""

from pathlib import Path

import pytest

from grader.course import find_course
from grader.execution.servers import WorkerServer
from grader.grading import Grader, Options
from grader.validation import validate

COURSE = find_course(Path(__file__).resolve().parents[2])


@pytest.mark.parametrize("name", COURSE.names)
def test_sound(name: str, server: WorkerServer) -> None:
    """The reference gets full marks, doing nothing gets nothing, every misconception is caught and named."""
    grader = Grader(COURSE, Options(device="cpu"), server=server)
    assert [(each.what, each.got) for each in validate(grader, [name]) if not each.sound] == []
