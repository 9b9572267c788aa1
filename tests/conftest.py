"""What all tests share: one fork server, one cache in a temporary folder, graders over this repository's course."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.course import Course, find_course
from grader.execution.cache import Cache
from grader.execution.servers import ForkServer
from grader.grading import Grader, Options
from grader.report import ExerciseResult
from grader.submission import read_submission

ROOT = Path(__file__).resolve().parents[1]

GradeSource = Callable[..., ExerciseResult]


@pytest.fixture(scope="session")
def course() -> Course:
    """The course of this repository, wherever the tests are started."""
    return find_course(ROOT)


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The temporary folder of ``cache``; for ``GRADER_CACHE_DIR`` where a test starts the command line."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own  # by all processes of this run
    folder = shared / "cache"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def cache(cache_folder: Path) -> Cache:
    """One cache for the whole run, empty at its start."""
    return Cache(cache_folder)


@pytest.fixture(scope="session")
def server() -> Iterator[ForkServer]:
    """One fork server for the whole session."""
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def grader(course: Course, server: ForkServer, cache: Cache) -> Grader:
    """A grader with as many cases as the course says; not closed here, for the server is everybody's."""
    return Grader(course, Options(device="cpu"), server=server, cache=cache)


@pytest.fixture(scope="session")
def quick_grader(course: Course, server: ForkServer, cache: Cache) -> Grader:
    """A grader with few cases, where a test is not about what the cases find."""
    return Grader(course, Options(max_examples=12, device="cpu"), server=server, cache=cache)


@pytest.fixture(scope="session")
def plain_grader(course: Course, server: ForkServer, cache: Cache) -> Grader:
    """A grader with few cases that knows no misconceptions: trying them takes most of the time of a failing test."""
    grader = Grader(course, Options(max_examples=12, device="cpu"), server=server, cache=cache)
    for name in course.entry_points():
        grader._exercises[name] = dataclasses.replace(grader.exercise(name), misconceptions=())
    return grader


@pytest.fixture(scope="session")
def small_grader(course: Course, server: ForkServer, cache: Cache) -> Grader:
    """Very few cases and small limits, so that what hangs is ended soon and what is printed is cut short."""
    limits = dataclasses.replace(
        course.limits, import_seconds=3.0, case_seconds=1.0, exercise_seconds=30.0, memory_mb=1024, output_kb=1
    )
    options = Options(max_examples=6, device="cpu")
    return Grader(dataclasses.replace(course, limits=limits), options, server=server, cache=cache)


@pytest.fixture
def grade_source(tmp_path: Path, quick_grader: Grader) -> GradeSource:
    """``grade_source(source, exercise, suffix=".py", grader=quick_grader)``: grades one submission.

    ``source`` is text or bytes; it is written as ``submission`` + ``suffix`` into the test's own folder.
    """

    def grade(source: str | bytes, exercise: str, suffix: str = ".py", grader: Grader = quick_grader) -> ExerciseResult:
        path = tmp_path / f"submission{suffix}"
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        return grader.grade_submission(read_submission(path), [exercise]).exercises[0]

    return grade
