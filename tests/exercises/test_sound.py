"""Every exercise of the course is sound; `grader validate` looks closer, with all cases, two seeds, and diagnosis."""

from pathlib import Path

import pytest

from grader.course import find_course
from grader.execution.servers import WorkerServer
from grader.grading import Grader, Options
from grader.survey import first_law_broken
from grader.validation import check_marks
from grader.workbench import misconception_bundle

COURSE = find_course(Path(__file__).resolve().parents[2])
each_exercise = pytest.mark.parametrize("name", COURSE.names)


@each_exercise
def test_marks(name: str, server: WorkerServer) -> None:
    """The reference gets full marks, and doing nothing gets nothing."""
    grader = Grader(COURSE, Options(device="cpu", max_examples=20), server=server)
    assert [(each.what, each.got) for each in check_marks(grader, name) if not each.sound] == []


@each_exercise
def test_misconceptions_are_caught(name: str, server: WorkerServer) -> None:
    """Some law fails for every misconception."""
    grader = Grader(COURSE, Options(device="cpu"), server=server)
    bench = grader.workbench(name)
    assert bench.exercise.misconceptions
    for each in bench.exercise.misconceptions:
        law, _ = first_law_broken(grader, bench, misconception_bundle(bench.exercise, each))
        assert law, each.namespace
