"""A course read from its folder: what it holds, and what it says where something in it is wrong."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import Course, find_course
from grader.errors import UsageError

TOML = """\
title = "A course"
seed = 7
max_examples = 9
pass_mark = 0.5

[limits]
case_seconds = 3

[[exercise]]
name = "init_hidden"
points = 10
"""

Change = tuple[str, str]
Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, course: Course) -> Folder:
    """``folder(toml)``: a course of one exercise, copied from this repository's, with its own ``course.toml``."""

    def make(toml: str = TOML) -> Path:
        for part in ("exercises", "solutions"):
            shutil.copytree(course.root / part / "init_hidden", tmp_path / part / "init_hidden")
        (tmp_path / "exercises" / "course.toml").write_text(toml, encoding="utf-8")
        return tmp_path

    return make


def test_reads_what_the_toml_says(folder: Folder) -> None:
    """A course has the title, seed, limits and points that stand in its course.toml."""
    root = folder()
    course = find_course(root)
    assert (course.title, course.names, dict(course.points)) == ("A course", ("init_hidden",), {"init_hidden": 10})
    assert (course.seed, course.max_examples, course.pass_mark) == (7, 9, 0.5)
    assert (course.limits.case_seconds, course.limits.import_seconds) == (3, 20.0)
    assert course.root == root.resolve()
    assert course.entry_points() == {"init_hidden": ("init_hidden",)}


def test_an_empty_list_of_exercises_is_none(folder: Folder) -> None:
    """There would be nothing to do, and nothing to say."""
    root = folder("exercise = []\n" + TOML[: TOML.index("[[exercise]]")])
    with pytest.raises(UsageError, match=r"expected an entry \[\[exercise\]\] for each exercise"):
        find_course(root)


def test_a_mark_at_the_beginning_of_a_file_is_nothing(folder: Folder) -> None:
    """Some editors of Windows put one there."""
    assert find_course(folder("\ufeff" + TOML)).title == "A course"


def test_reads_an_exercise(folder: Folder) -> None:
    """An exercise comes with its drive, its solution and its misconceptions, and with what it is worth here."""
    exercise = find_course(folder()).exercise("init_hidden")
    assert (exercise.name, exercise.points, exercise.declared.level) == ("init_hidden", 10, "foundation")
    assert "def drive(" in exercise.drive
    assert exercise.solution is not None
    assert exercise.misconceptions


def test_a_course_without_solutions_is_a_course(folder: Folder) -> None:
    """What students get, without solutions/, can be read; nothing of a solution is known then."""
    root = folder()
    shutil.rmtree(root / "solutions")
    exercise = find_course(root).exercise("init_hidden")
    assert (exercise.solution, exercise.misconceptions_source, exercise.misconceptions) == (None, None, ())


@pytest.mark.parametrize("part", ["exercises/init_hidden/drive.py", "solutions/init_hidden/solution.py"])
def test_the_identity_follows_what_results_depend_on(folder: Folder, part: str) -> None:
    """Another drive or another solution makes another identity, so that nothing stale is taken from the cache."""
    root = folder()
    before = find_course(root).exercise("init_hidden").identity
    assert find_course(root).exercise("init_hidden").identity == before
    with (root / part).open("a", encoding="utf-8") as file:
        file.write("\n# changed\n")
    assert find_course(root).exercise("init_hidden").identity != before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "A course"', "title =", "{toml} is not TOML: Invalid value (at line 1, column 8)."),
        (
            "pass_mark = 0.5",
            "passmark = 0.5",
            "{toml}: no such entry: passmark. Did you mean pass_mark? (There are title, seed, max_examples, pass_mark, "
            "exercise, limits, policy.)",
        ),
        (
            "[[exercise]]",
            "[[exercises]]",
            "{toml}: no such entry: exercises. Did you mean exercise? (There are title, seed, max_examples, pass_mark, "
            "exercise, limits, policy.)",
        ),
        (
            "[[exercise]]",
            "[exercise]",
            "{toml}: expected an entry [[exercise]] for each exercise, in two pairs of brackets.",
        ),
        (
            "points = 10",
            "points = 10\n[exercise]\nname = 'unroll'",
            "{toml} is not TOML: Cannot declare ('exercise',) twice (at line 12, column 10). Each exercise is an entry "
            "of its own, which begins with [[exercise]].",
        ),
        ("name = ", "nmae = ", "{toml}: [[exercise]] number 1 lacks name."),
        ("[limits]", "[[limits]]", "{toml}: expected a table [limits], got [{{'case_seconds': 3}}]."),
        (
            "case_seconds = 3",
            "case_secs = 3",
            "{toml}: no such limit: case_secs (there are import_seconds, case_seconds, exercise_seconds, "
            "submission_seconds, memory_mb, output_kb).",
        ),
        (
            "points = 10",
            "points = 10\nwieght = 2",
            "{toml}: init_hidden has no such entry: wieght (there are name, points, weight).",
        ),
        (
            "points = 10\n",
            "points = 10\n[policy]\ndrop = 1\n",
            "{toml}: no such entry in [policy]: drop (there are due, late_penalty_per_day, late_penalty_at_most, "
            "late_days_at_most, attempts, drop_lowest).",
        ),
        (
            "points = 10\n",
            "points = 10\n[policy]\nattempts = 'first'\n",
            '{toml}: attempts in [policy] must be "best" or "last", got \'first\'.',
        ),
        (
            'title = "A course"\n',
            "",
            "{toml} lacks title.",
        ),
        (
            "seed = 7\n",
            "",
            "{toml} lacks seed.",
        ),
        (
            "points = 10\n",
            "",
            "{toml}: the exercise init_hidden lacks points.",
        ),
    ],
    ids=[
        "not TOML",
        "a key mistyped",
        "a section mistyped",
        "single brackets",
        "single brackets behind double ones",
        "no name",
        "limits more than once",
        "no such limit",
        "no such entry",
        "no such policy",
        "no such attempts",
        "no title",
        "no seed",
        "no points",
    ],
)
def test_says_what_is_wrong_in_the_toml(folder: Folder, old: str, new: str, message: str) -> None:
    """A course.toml that lacks something, or is no TOML, is refused with what was expected."""
    root = folder(TOML.replace(old, new))
    with pytest.raises(UsageError) as caught:
        find_course(root)
    assert str(caught.value) == message.format(toml=root / "exercises" / "course.toml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seed = 7", 'seed = "seven"'),
        ("seed = 7", "seed = -1"),
        ("max_examples = 9", "max_examples = 0"),
        ("max_examples = 9", "max_examples = 9.5"),
        ("pass_mark = 0.5", 'pass_mark = "half"'),
        ("points = 10", 'points = "four"'),
        ("points = 10", "points = -4"),
        ("points = 10", "points = 10\nweight = -1"),
        ("points = 10", "points = 10\nweight = inf"),
        ("points = 10", "points = 10\nweight = 'two'"),
        ("case_seconds = 3", 'case_seconds = "three"'),
        ("case_seconds = 3", "case_seconds = 0"),
        ("case_seconds = 3", "case_seconds = inf"),
        ("case_seconds = 3", "memory_mb = 2048.5"),
        ('name = "init_hidden"', 'name = "../init_hidden"'),
        ('name = "init_hidden"\n', 'name = "init_hidden"\npoints = 10\n\n[[exercise]]\nname = "init_hidden"\n'),
    ],
    ids=[
        "seed a text",
        "seed negative",
        "no cases",
        "cases not whole",
        "pass mark a text",
        "points a text",
        "points negative",
        "weight negative",
        "weight without end",
        "weight a text",
        "limit a text",
        "limit zero",
        "limit without end",
        "memory not whole",
        "name a path",
        "exercise twice",
    ],
)
def test_refuses_values_that_make_no_sense(folder: Folder, old: str, new: str) -> None:
    """A value of the wrong kind is refused when the course is read, by a message that names the file."""
    assert old in TOML
    root = folder(TOML.replace(old, new))
    with pytest.raises(UsageError) as caught:
        find_course(root)
    assert str(caught.value).startswith(str(root / "exercises" / "course.toml"))


EXERCISE = "exercises/init_hidden/exercise.py"
WRONG = "solutions/init_hidden/misconceptions.py"


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        (EXERCISE, None, "The course lacks {path}."),
        ("exercises/init_hidden/drive.py", None, "The course lacks {path}."),
        ("solutions/init_hidden/solution.py", None, "The course lacks {path}."),
        (EXERCISE, "x = 1", "{path} defines no `exercise`: expected exercise = Exercise(...)."),
        (EXERCISE, "exercise = 1", "{path} must define exercise = Exercise(...), got int."),
        (EXERCISE, "1 / 0", "{path} can't be run: ZeroDivisionError: division by zero"),
        (EXERCISE, "def f(:", "{path} can't be run: SyntaxError: invalid syntax (exercise.py, line 1)"),
        (
            EXERCISE,
            ("level=", "points="),
            "{path} can't be run: TypeError: Exercise.__init__() got an unexpected keyword argument 'points'",
        ),
        (
            EXERCISE,
            ("foundation", "easy"),
            "{path}: the level must be one of foundation, intermediate, advanced, expert, got 'easy'.",
        ),
        (EXERCISE, ("memory of its own", "memory is flat"), "{path}: two laws have the same name, 'memory is flat'."),
        (
            WRONG,
            "class NoHint:\n    '''Title.\n\n    Explained.\n    '''\n",
            "{path}: NoHint needs a docstring (title, blank line, explanation) and a hint.",
        ),
        (
            WRONG,
            "class NoExplanation:\n    '''Title.'''\n\n    hint = 'Look.'\n",
            "{path}: NoExplanation needs a docstring (title, blank line, explanation) and a hint.",
        ),
    ],
    ids=[
        "no exercise.py",
        "no drive.py",
        "no solution.py",
        "declares nothing",
        "declares something else",
        "raises",
        "syntax error",
        "unknown argument",
        "unknown level",
        "same name twice",
        "misconception without hint",
        "misconception without explanation",
    ],
)
def test_says_what_is_wrong_in_an_exercise(
    folder: Folder, path: str, content: str | Change | None, message: str
) -> None:
    """A file of an exercise that is missing or wrong is refused with its path and what was expected."""
    root = folder()
    file = root / path
    if content is None:
        file.unlink()
    elif isinstance(content, tuple):
        file.write_text(file.read_text(encoding="utf-8").replace(*content), encoding="utf-8")
    else:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        find_course(root).exercise("init_hidden")
    expected = message.format(path=root.resolve() / path)
    assert str(caught.value).replace(f"({file.resolve()}, ", "(exercise.py, ") == expected


@pytest.mark.parametrize(
    ("path", "read"),
    [
        (WRONG, lambda course: course.exercise("init_hidden")),
        ("exercises/init_hidden/starter.py", lambda course: course.entry_points()),
    ],
    ids=["misconceptions", "starter"],
)
def test_a_syntax_error_is_the_authors(folder: Folder, path: str, read: Callable[[Course], object]) -> None:
    """A file that is only parsed and can't be is refused with its path and line, not taken for a fault of ours."""
    root = folder()
    (root / path).write_text("x = 1\ndef f(:\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read(find_course(root))
    assert str(root.resolve() / path) in str(caught.value)
    assert "line 2" in str(caught.value)


def test_misconceptions_are_read_and_not_run(folder: Folder) -> None:
    """Title, explanation and hint come from the syntax tree: the file is never executed by the grader."""
    root = folder()
    source = '''\
raise SystemExit("this file was run")


class _Base:
    pass


class NaNForLSTMState(_Base):
    """One title.

    An explanation
    on two lines.
    """

    hint = (
        "Look at the "
        "shape."
    )

    @staticmethod
    def init_hidden(rnn, batch_size):
        return None
'''
    (root / WRONG).write_text(source, encoding="utf-8")
    (found,) = find_course(root).exercise("init_hidden").misconceptions
    assert (found.namespace, found.title) == ("NaNForLSTMState", "One title")
    assert (found.explanation, found.hint) == ("An explanation on two lines.", "Look at the shape.")
    assert found.name == found.name.lower()
    assert found.name.isidentifier()


def test_reading_an_exercise_runs_no_code_of_submissions(folder: Folder) -> None:
    """Drive, starter, solution and misconceptions are texts to the grader: what they would do does not happen."""
    root = folder()
    marker = root / "was run"
    line = f"\nopen({str(marker)!r}, 'w')\n"
    for path in ("exercises/init_hidden/drive.py", "exercises/init_hidden/starter.py", WRONG):
        (root / path).write_text((root / path).read_text(encoding="utf-8") + line, encoding="utf-8")
    course = find_course(root)
    course.entry_points()
    course.exercise("init_hidden")
    assert not marker.exists()


def test_there_is_no_other_exercise(course: Course) -> None:
    """An exercise that the course does not have is the caller's mistake, and the message lists those there are."""
    with pytest.raises(UsageError) as caught:
        course.exercise("unrol")
    names = ", ".join(course.names)
    assert str(caught.value) == f"There is no exercise 'unrol'. Did you mean 'unroll'? The exercises are: {names}."


def test_a_folder_must_hold_a_course(tmp_path: Path) -> None:
    """--course with a folder that is none says which file was expected."""
    with pytest.raises(UsageError) as caught:
        find_course(tmp_path)
    assert str(caught.value) == f"{tmp_path} holds no course: expected {tmp_path / 'exercises' / 'course.toml'}."


def test_looks_here_and_above(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder, the nearest course above the current one is taken; the environment's comes before."""
    root = folder()
    deep = root / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    monkeypatch.delenv("GRADER_COURSE", raising=False)
    assert find_course(None).root == root.resolve()
    other = deep / "other"
    shutil.copytree(root / "exercises", other / "exercises")
    monkeypatch.setenv("GRADER_COURSE", str(other))
    assert find_course(None).root == other.resolve()
    monkeypatch.setenv("GRADER_COURSE", "")  # as pipelines leave what isn't set
    assert find_course(None).root == root.resolve()


def test_a_wrong_course_in_the_environment_is_said(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """$GRADER_COURSE that holds no course is a mistake to report, not to pass over in silence."""
    monkeypatch.chdir(folder())
    monkeypatch.setenv("GRADER_COURSE", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError):
        find_course(None)


@pytest.mark.parametrize(
    "path",
    [
        "exercises/init_hidden/README.md",
        "exercises/init_hidden/starter.py",
        "exercises/init_hidden/drive.py",
        "solutions/init_hidden/solution.py",
        "solutions/init_hidden/misconceptions.py",
    ],
)
def test_a_file_that_its_author_must_write(folder: Folder, path: str) -> None:
    """A file that is not there is named before anything is run."""
    root = folder()
    course = find_course(root)
    course.check_files("init_hidden")
    (root / path).unlink()
    with pytest.raises(UsageError) as caught:
        course.check_files("init_hidden")
    assert str(caught.value) == f"The course lacks {root.resolve() / path}."


@pytest.mark.skipif(sys.platform == "win32", reason="there, a folder that is in use can't be removed")
def test_the_current_folder_may_be_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a course would be looked for there, that is said; one that is named is found."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.delenv("GRADER_COURSE", raising=False)
    here.rmdir()
    with pytest.raises(UsageError) as raised:
        find_course(None)
    assert str(raised.value) == "The folder that the grader was started in is not there any more: go to another."
