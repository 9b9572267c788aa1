"""A pytest plugin: with ``pytest --submission FILE`` every property of every exercise in it is a test.

pytest collects nothing of the submission and imports none of it: it is read as text, and run in workers, as by
``grader grade``. An exercise is graded when the first of its tests runs. Without the option nothing is imported here.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest._code import ExceptionInfo
    from _pytest.terminal import TerminalReporter

    from grader.course import Course
    from grader.grading import Grader
    from grader.report import ExerciseResult
    from grader.submission import Submission

_USED_WRONGLY, _BROKE = pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR
_DOUBTFUL = "failed once and not again"
_FAULT = "A fault of the grader itself, not of the submission"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options; they have the meaning that they have for ``grader grade``."""
    group = parser.getgroup("grader", "grading a submission")
    what = "Test a submission: a .py, a notebook, a folder, an archive."
    group.addoption("--submission", action=_Once, metavar="FILE", help=what)
    group.addoption("--exercise", action="append", default=[], metavar="NAME", help="Only this one; may be repeated.")
    group.addoption("--course", metavar="DIR", help="Folder that holds exercises/ and solutions/.")
    group.addoption("--allow-weak-isolation", action="store_true", help="Test it even where nothing protects you.")


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before a conftest.py is
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Refuses settings that lie with the submission: pytest takes an option's value for a place to look for them.

    What they name may be imported by now. ``--submission=FILE``, in one word, is no such place.
    """
    submission, settings = early_config.known_args_namespace.submission, early_config.inipath
    if submission and settings and not early_config.invocation_params.dir.is_relative_to(settings.parent):
        raise pytest.UsageError(
            f"pytest took its settings from {settings}, because of where the submission lies; they may be the "
            f"student's. Say --submission={submission}, in one word, or say your own settings with -c FILE."
        )
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Where only a submission is named, no other tests are looked for."""
    if config.option.submission and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = []


@pytest.hookimpl(tryfirst=True)  # before -k and the like choose
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Adds the tests of the submission."""
    if not config.option.submission:
        return
    from grader.errors import GraderError, UsageError
    from grader.plaintext import plain_text

    try:
        graded = _Graded(config)
    except UsageError as error:
        raise pytest.UsageError(plain_text(str(error))) from None
    except GraderError as error:
        pytest.exit(f"{_FAULT}: {error}", returncode=_BROKE)
    config.add_cleanup(graded.close)
    items.extend(session.genitems(graded.tree(session)))


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Says which failures were not held against the submission."""
    said = [
        (report.nodeid, text)
        for report in terminalreporter.stats.get("passed", ())
        for title, text in report.sections
        if _DOUBTFUL in title
    ]
    if said:
        terminalreporter.section(_DOUBTFUL, yellow=True)
    for name, text in said:
        terminalreporter.line(f"{name}\n    {text}")


class _Once(argparse.Action):
    """An option that is given once: of two submissions one would pass for both."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        """Takes the value."""
        if getattr(namespace, self.dest) not in (None, values):  # pytest parses the same arguments several times
            parser.error(f"{option} may be given once; run pytest for each submission, or hand in a folder.")
        setattr(namespace, self.dest, values)


class _Graded:
    """A submission, and what is known of it: each exercise is graded once, when it is asked for."""

    def __init__(self, config: pytest.Config) -> None:
        from grader.course import find_course
        from grader.submission import exercises_in, read_submission

        option = config.option
        self.course: Course = find_course(Path(option.course) if option.course else None)
        for name in option.exercise:
            self.course.check_name(name)
        self.submission: Submission = read_submission(Path(option.submission))
        self.entry_points = self.course.entry_points()
        self.names = option.exercise or exercises_in(self.submission, self.entry_points)
        self._trusted: bool = option.allow_weak_isolation
        self._grader: Grader | None = None
        self._open = ExitStack()
        self._results: dict[str, ExerciseResult] = {}

    def tree(self, session: pytest.Session) -> _Submission:
        """The collector of all its tests."""
        from grader.plaintext import plain_line

        name = plain_line(self.submission.path)
        tree: _Submission = _Submission.from_parent(session, name=name, nodeid=name)
        tree.graded = self
        return tree

    def result(self, name: str) -> ExerciseResult:
        """What came of an exercise. A fault of the grader ends the session: it is no result."""
        from grader.errors import GraderError, UsageError

        if name not in self._results:
            try:
                grader = self._opened()
                self._results[name] = grader.grade_exercise(self.submission, name, self.entry_points[name])
            except UsageError as error:
                pytest.exit(str(error), returncode=_USED_WRONGLY)
            except Exception as error:
                if os.environ.get("GRADER_DEBUG"):
                    raise
                text = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
                pytest.exit(f"{_FAULT}: {text}", returncode=_BROKE)
        return self._results[name]

    def _opened(self) -> Grader:
        from grader.grading import Grader, Options

        if self._grader is None:
            solved = any(self.course.exercise(name).solution is not None for name in self.names)
            # without solutions it is a self-check: whoever runs it runs code of their own
            options = Options(with_reference=solved, trusted=self._trusted or not solved)
            self._grader = self._open.enter_context(Grader(self.course, options))
        return self._grader

    def close(self) -> None:
        """Ends what was started."""
        self._open.close()


class _Submission(pytest.Collector):
    """All tests of a submission."""

    graded: _Graded

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """A collector for each exercise, or one test that says why there is none."""
        for name in self.graded.names:
            yield _Exercise.from_parent(self, name=name)
        if not self.graded.names:
            yield _Nothing.from_parent(self, name="something to grade")


class _Exercise(pytest.Collector):
    """The tests of one exercise."""

    parent: _Submission

    def collect(self) -> Iterator[_Law]:
        """A test for each property."""
        from grader.errors import UsageError

        try:
            exercise = self.parent.graded.course.exercise(self.name)
        except UsageError as error:
            raise self.CollectError(str(error)) from None
        for law in exercise.declared.properties:
            yield _Law.from_parent(self, name=law.name)


class _Broken(Exception):
    """What a test says that fails."""


class _Test(pytest.Item):
    """A test of a submission: its failure is a text and has no traceback."""

    def repr_failure(self, excinfo: ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The text."""
        return str(excinfo.value) if isinstance(excinfo.value, _Broken) else super().repr_failure(excinfo)


class _Law(_Test):
    """The test of one property."""

    parent: _Exercise

    def runtest(self) -> None:
        """Fails where the property is broken, with its counterexample."""
        from grader.reporters import looks_like, told

        result = self._graded.result(self.parent.name)
        law = next(each for each in result.properties if each.name == self.name)
        if law.status == "skipped":
            pytest.skip(law.message)
        if not law.earned:
            first = next(each for each in result.properties if not each.earned and each.status != "skipped")
            raise _Broken("\n\n".join([told(law).rstrip(), *(looks_like(result) if law is first else ())]))
        if law.message:
            self.add_report_section("call", _DOUBTFUL if law.status == "unstable" else "grader", law.message)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the function is defined that is tested."""
        graded = self._graded
        path, line = graded.submission.place(self.parent.name, graded.entry_points[self.parent.name])
        return Path(path or graded.submission.path), None if line is None else line - 1, self.name

    @property
    def _graded(self) -> _Graded:
        return self.parent.parent.graded


class _Nothing(_Test):
    """The test of a submission in which there is nothing to grade."""

    parent: _Submission

    def runtest(self) -> None:
        """Fails, and says why."""
        from grader.plaintext import plain_text
        from grader.submission import nothing_to_grade

        graded = self.parent.graded
        raise _Broken(plain_text(nothing_to_grade(graded.submission, graded.entry_points)))
