"""What students get for each exercise: complete, true to what is asked, and without the solution in it."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from grader.course import Course, find_course

ROOT = Path(__file__).resolve().parents[2]
NAMES = find_course(ROOT).names

each_exercise = pytest.mark.parametrize("name", NAMES)


def text(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def definitions(source: str) -> dict[str, ast.FunctionDef | ast.ClassDef]:
    kinds = (ast.FunctionDef, ast.ClassDef)
    return {node.name: node for node in ast.parse(source).body if isinstance(node, kinds)}


def signatures(source: str, name: str) -> dict[str, str]:
    """Parameters with their defaults of a function, or of the public methods (and ``__init__``) of a class."""
    node = definitions(source)[name]
    inner = [node] if isinstance(node, ast.FunctionDef) else [n for n in node.body if isinstance(n, ast.FunctionDef)]
    return {each.name: parameters(each) for each in inner if each.name == "__init__" or not each.name.startswith("_")}


def parameters(function: ast.FunctionDef) -> str:
    """Parameters and defaults as a person writes them, without annotations and ``self``."""
    for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs):
        each.annotation = None
    return ast.unparse(function.args).removeprefix("self").removeprefix(", ")


def without_docstrings(source: str) -> str:
    """Code as ``ast`` writes it, so that comments and line breaks make no difference."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            first = body[0].value
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                body[:1] = [ast.Pass()] if len(body) == 1 else []
    return ast.unparse(tree)


def test_folders_and_course_agree(course: Course) -> None:
    """Every folder stands in course.toml and the other way round, in exercises/ and in solutions/."""
    for part in ("exercises", "solutions"):
        folders = {path.name for path in (ROOT / part).iterdir() if path.is_dir() and path.name != "__pycache__"}
        assert folders == set(course.names)


def test_the_overview_lists_every_exercise_in_order() -> None:
    """exercises/README.md links to each handout, in the order of the course."""
    linked = re.findall(r"\]\((\w+)/README\.md\)", text("exercises", "README.md"))
    assert tuple(linked) == NAMES


@each_exercise
def test_the_folder_is_complete(name: str) -> None:
    """Handout, starter, declaration and drive are there; solution and misconceptions stand elsewhere."""
    files = {path.name for path in (ROOT / "exercises" / name).iterdir() if path.is_file()}
    assert files == {"README.md", "starter.py", "exercise.py", "drive.py"}
    files = {path.name for path in (ROOT / "solutions" / name).iterdir() if path.is_file()}
    assert files - {"mutants.toml"} == {"solution.py", "misconceptions.py"}


@each_exercise
def test_the_starter_defines_what_is_asked(course: Course, name: str) -> None:
    """The starter defines exactly the declared entry points, each with a docstring."""
    declared = course.exercise(name).declared.entry_points
    found = definitions(text("exercises", name, "starter.py"))
    assert set(found) == set(declared)
    for node in found.values():
        assert ast.get_docstring(node)


@each_exercise
def test_the_starter_is_not_written_yet(name: str) -> None:
    """Every function of the starter raises NotImplementedError and does nothing else of what is asked."""
    for node in ast.walk(ast.parse(text("exercises", name, "starter.py"))):
        if isinstance(node, ast.FunctionDef):
            assert ast.unparse(node.body[-1]) == "raise NotImplementedError"
            rest = node.body[1:-1] if ast.get_docstring(node) else node.body[:-1]
            assert [ast.unparse(each) for each in rest] in ([], ["super().__init__()"])


@each_exercise
def test_starter_and_solution_have_the_same_signatures(course: Course, name: str) -> None:
    """The starter's parameters and defaults are the solution's, and the declared signature names them."""
    for entry_point, declared in course.exercise(name).declared.entry_points.items():
        starter = signatures(text("exercises", name, "starter.py"), entry_point)
        solution = signatures(text("solutions", name, "solution.py"), entry_point)
        assert starter == solution
        taken = starter.get(entry_point) if entry_point in starter else starter["__init__"]
        assert declared == f"{entry_point}({taken})"


@each_exercise
def test_the_handout_says_what_is_asked(course: Course, name: str) -> None:
    """A handout has the idea, the contract, a worked example, common mistakes, hints, and how to check oneself."""
    handout = text("exercises", name, "README.md")
    assert handout.startswith(f"# {name}: ")
    headings = re.findall(r"^## (.*)$", handout, re.M)
    assert headings[:2] == ["What is asked", "A worked example"]
    assert headings[2].startswith("Common mistakes")
    assert headings[3:] == ["Hints", "Check yourself"]
    assert f"grader check my_file.py --exercise {name}" in handout
    for entry_point in course.exercise(name).declared.entry_points:
        assert re.search(rf"(?:def|class) {entry_point}[(:]", handout)


@each_exercise
def test_the_handout_builds_on_earlier_ones(name: str) -> None:
    """A handout names the exercises that it needs, all of which come before it; only the first needs none."""
    (line,) = re.findall(r"^Builds on: (.*?)$\n\n", text("exercises", name, "README.md"), re.M | re.S)
    needed = [each for each in re.findall(r"`(\w+)`", line) if each in NAMES]
    assert bool(needed) == (name != NAMES[0])
    assert all(NAMES.index(each) < NAMES.index(name) for each in needed)


@each_exercise
def test_what_students_get_does_not_hold_the_solution(name: str) -> None:
    """No line of the solution that does work stands in anything under exercises/."""
    solution = without_docstrings(text("solutions", name, "solution.py")).splitlines()
    # what any code may have; State is a type that starters share
    free = ("def ", "class ", "from ", "import ", "return ", "super().", "if ", "with ", "State", "@")
    work = {line.strip() for line in solution if len(line.strip()) > 20 and not line.strip().startswith(free)}
    assert work
    given = [path.read_text(encoding="utf-8") for path in (ROOT / "exercises").rglob("*.py")]
    lines = {line.strip() for source in given for line in without_docstrings(source).splitlines()}
    prose = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "exercises").rglob("*.md"))
    assert not work & lines
    assert not [line for line in work if line in prose]


@each_exercise
def test_points_add_up(course: Course, name: str) -> None:
    """An exercise's laws are worth the points of the exercise together, each something."""
    laws = course.exercise(name).declared.properties
    assert sum(law.points for law in laws) == course.points[name] == 10
    assert all(law.points > 0 for law in laws)
    assert len(laws) > 2


@each_exercise
def test_misconceptions_speak_to_the_student(course: Course, name: str) -> None:
    """Titles are one short line, differ, and end without a stop; explanations and hints are sentences."""
    misconceptions = course.exercise(name).misconceptions
    titles = list({each.name: each.title for each in misconceptions}.values())
    assert len(titles) >= 8
    assert len(set(titles)) == len(titles)
    assert len({each.name for each in misconceptions}) == len(titles)
    for each in misconceptions:
        assert len(each.title) <= 100
        assert each.explanation.endswith((".", "?"))
        assert each.hint.endswith((".", "?"))


def test_the_toml_keeps_to_its_fields() -> None:
    """course.toml holds nothing that is not read, so that a misspelt field can't pass."""
    data = tomllib.loads(text("exercises", "course.toml"))
    assert set(data) == {"title", "seed", "max_examples", "pass_mark", "limits", "exercise"}
    assert all(set(each) == {"name", "points"} for each in data["exercise"])
    assert 0 < data["pass_mark"] <= 1
