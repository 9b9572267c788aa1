"""The pytest plugin, in a pytest of its own: every property is a test, and nothing of a submission is imported."""

from __future__ import annotations

import json
import shutil
import sys
from importlib.metadata import entry_points
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import ROOT

pytest_plugins = ["pytester"]

# as whoever has installed the grader has it: named only where it is not installed
PLUGIN = () if "grader" in entry_points(group="pytest11").names else ("-p", "grader.pytest_plugin")
LAWS = (
    "zeros of the right shape",
    "memory of its own",
    "module left alone",
    "nothing kept",
    "dtype of the module",
    "device of the module",
    "memory is flat",
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's course with few cases."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("exercises", "solutions"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    table = folder / "exercises" / "course.toml"
    table.write_text(table.read_text(encoding="utf-8").replace("max_examples = 50", "max_examples = 8"))
    return folder


class Runner:
    """Starts pytest in a folder of its own."""

    def __init__(self, pytester: pytest.Pytester, course: Path) -> None:
        self.pytester = pytester
        self.course = course

    def write(self, name: str, text: str) -> None:
        path = self.pytester.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def __call__(self, *arguments: str) -> pytest.RunResult:
        always = ("-p", "no:cacheprovider", f"--course={self.course}")
        return self.pytester.runpytest_subprocess(*PLUGIN, *always, *arguments)


@pytest.fixture
def run(pytester: pytest.Pytester, course: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("GRADER_CACHE_DIR", str(cache_folder))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in ("GRADER_COURSE", "GRADER_DEBUG", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    shutil.copy(ROOT / "tests/submissions/demo/ben.py", pytester.path / "ben.py")
    return Runner(pytester, course)


def ids(of: str = "ben.py::init_hidden") -> list[str]:
    return [f"{of}::{law}" for law in LAWS]


def test_every_property_is_a_test(run: Runner) -> None:
    """Kept laws pass, broken ones fail with message, place, script and misconception, and without any traceback."""
    result = run("--submission=ben.py", "--exercise", "init_hidden", "--junitxml", "out.xml", "-v")
    result.assert_outcomes(passed=4, failed=3)
    assert result.ret == 1
    text = result.stdout.str()
    for name, status in zip(ids(), "FPPPFFP", strict=True):
        assert f"{name} {'PASSED' if status == 'P' else 'FAILED'}" in text
    shown = text.partition("= FAILURES =")[2]
    shown = shown.partition("= short test summary")[0]
    assert "_ zeros of the right shape _" in shown
    assert (
        "\nstate (number 1 of 2) has shape (1, 1, 3), expected (2, 1, 3).\n\n"
        "Where: state (number 1 of 2)\nExpected: (2, 1, 3)\nGot: (1, 1, 3)\n\n"
        "The smallest case, to run:\n\nimport torch\n" in shown
    )
    assert shown.count("Looks like: The directions are missing from the first axis\n") == 1
    assert "Traceback" not in text
    assert ".py:" not in shown
    cases = list(ElementTree.parse(run.pytester.path / "out.xml").getroot().iter("testcase"))
    assert [case.attrib["name"] for case in cases] == list(LAWS)
    failures = [case.find("failure") for case in cases]
    assert [each is not None for each in failures] == [True, False, False, False, True, True, False]
    assert "expected (2, 1, 3)" in failures[0].attrib["message"]


def test_collecting_grades_nothing(run: Runner, tmp_path: Path) -> None:
    """--collect-only lists the tests of what the submission defines, without a cache, a server or torch."""
    run.pytester._monkeypatch.setenv("GRADER_CACHE_DIR", str(tmp_path / "cache"))
    result = run("--submission=ben.py", "--collect-only", "-q")
    lines = [line for line in result.stdout.lines if "::" in line]
    assert lines[:7] == ids()
    assert {line.split("::")[1] for line in lines} == {"init_hidden", "train_truncated"}
    assert result.ret == 0
    assert not (tmp_path / "cache").exists()


def test_tests_are_chosen_as_always(run: Runner) -> None:
    """-k chooses among the properties, and -x ends at the first that fails."""
    result = run("--submission=ben.py", "-k", "init_hidden and shape or flat and init_hidden", "-x")
    result.assert_outcomes(failed=1, deselected=15)  # of 7 and 10
    assert result.ret == 1


def test_nothing_of_a_submission_is_imported(run: Runner) -> None:
    """Neither the submission nor what lies beside it is imported, nor are tests here collected that nobody named."""
    trap = "open('owned', 'w')\n"
    run.write("hand_in/hw.py", f"{trap}def init_hidden(rnn, batch_size):\n    return None\n")
    run.write("hand_in/conftest.py", trap)
    run.write("hand_in/test_hw.py", trap)
    run.write("hand_in/evil.py", f"{trap}class Evil(Warning): ...\n")
    run.write("hand_in/pytest.ini", "[pytest]\npythonpath = .\nfilterwarnings = error::evil.Evil\n")
    run.write("test_here.py", "def test_here(): ...\n")
    result = run("--submission=hand_in", "--exercise", "init_hidden", "-v")
    result.assert_outcomes(failed=7)
    result = run("--submission=hand_in", "--exercise", "init_hidden", "--collect-only", "-q", "test_here.py")
    assert result.stdout.lines[:8] == ["test_here.py::test_here", *ids("hand_in::init_hidden")]
    assert not list(run.pytester.path.rglob("owned"))


def test_settings_of_a_student_are_refused(run: Runner) -> None:
    """Where pytest has taken its settings from beside the submission, nothing is graded; in one word it takes none."""
    run.write("hand_in/hw.py", "def init_hidden(:\n")
    run.write("hand_in/pytest.ini", "[pytest]\naddopts = -v\n")
    run("--submission=hand_in").assert_outcomes(failed=7)
    result = run("--submission", "hand_in")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert (
        f"ERROR: pytest took its settings from {run.pytester.path}/hand_in/pytest.ini, because of where the submission "
        "lies; they may be the student's. Say --submission=hand_in, in one word, or say your own settings with "
        "-c FILE." in result.stderr.str()
    )


def test_what_can_not_be_run_fails_in_short(run: Runner) -> None:
    """A submission that can't be run fails in every property with one sentence; so does one with nothing to grade."""
    run.write("hw.py", "def init_hidden(:\n")
    result = run("--submission=hw.py")
    result.assert_outcomes(failed=7)
    said = "hw.py, line 1 is not Python (invalid syntax): def init_hidden(:"
    assert result.stdout.lines.count(said) == 7
    assert len(result.stdout.lines) < 40
    run.write("hw.py", "x = 1\n")
    result = run("--submission=hw.py", "-v")
    result.assert_outcomes(failed=1)
    assert "hw.py::something to grade FAILED" in result.stdout.str()
    assert "It defines none of the course's entry points: init_hidden, " in result.stdout.str()


def test_a_self_check_skips_what_needs_solutions(run: Runner) -> None:
    """In a course without solutions a right submission passes, and what was not checked is skipped for that reason."""
    shutil.copytree(run.course / "exercises", run.pytester.path / "given" / "exercises")
    shutil.copy(run.course / "solutions/init_hidden/solution.py", run.pytester.path / "hw.py")
    run.course = run.pytester.path / "given"
    result = run("--submission=hw.py", "-rs")
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] + outcomes["skipped"] == 7
    assert outcomes["skipped"] >= 1
    assert "Not checked: this needs the reference solution, which your instructor's run has." in result.stdout.str()


@pytest.mark.skipif(sys.platform == "win32", reason="xdist starts slowly there")
def test_in_several_processes(run: Runner) -> None:
    """With pytest-xdist the tests are the same, and so is what they say."""
    run.write("hw.py", "def init_hidden(:\n")
    result = run("--submission=hw.py", "-n", "2")
    result.assert_outcomes(failed=7)
    assert "INTERNALERROR" not in result.stdout.str()


WRONG_USE = {
    "no such file": (("--submission=gone.py",), "ERROR: There is no file or folder gone.py."),
    "two of them": (
        ("--submission=ben.py", "--submission=gone.py"),
        "error: --submission may be given once; run pytest for each submission, or hand in a folder.",
    ),
    "no such exercise": (
        ("--submission=ben.py", "--exercise", "unrol"),
        "ERROR: There is no exercise 'unrol'. Did you mean 'unroll'?",
    ),
    "no course": (
        ("--submission=ben.py", "--course=."),
        "ERROR: . holds no course: expected exercises/course.toml.",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG_USE.values(), ids=WRONG_USE)
def test_wrong_use(run: Runner, arguments: tuple[str, ...], message: str) -> None:
    """What can't be done as asked is pytest's own exit code for that, and one line."""
    result = run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_a_fault_is_no_failure(run: Runner) -> None:
    """Where the grader breaks, the session ends with pytest's exit code for that: it is no result of any test."""
    run.write(
        "broken.py",
        "from grader.grading import Grader\n"
        "def broken(*_): raise ZeroDivisionError('division by zero')\n"
        "Grader.grade_exercise = broken\n",
    )
    result = run("-p", "broken", "--submission=ben.py")
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    said = "A fault of the grader itself, not of the submission: ZeroDivisionError: division by zero"
    assert said in result.stdout.str() + result.stderr.str()
    assert "failed" not in result.stdout.str()


UNSTABLE = """\
from dataclasses import replace
from grader.grading import Grader

grade = Grader.grade_exercise
def doubtful(*arguments):
    result = grade(*arguments)
    return replace(result, properties=tuple(
        replace(law, status="unstable", message="It failed once.", points=law.max_points) for law in result.properties
    ))
Grader.grade_exercise = doubtful
"""


def test_a_failure_that_did_not_happen_again(run: Runner) -> None:
    """An unstable property passes, and a section at the end says what was not held against the submission."""
    run.write("doubtful.py", UNSTABLE)
    run.write("hw.py", "def init_hidden(:\n")
    result = run("-p", "doubtful", "--submission=hw.py")
    result.assert_outcomes(passed=7)
    text = result.stdout.str()
    assert " failed once and not again " in text
    assert f"{ids('hw.py::init_hidden')[0]}\n    It failed once.\n" in text


def test_it_costs_nothing_where_it_is_not_used(run: Runner) -> None:
    """Without --submission nothing of the grader is imported but the plugin, and tests run as they always do."""
    run.write(
        "test_here.py",
        "import json, sys\ndef test_here():\n    print('MODULES', json.dumps(sorted(sys.modules)))\n",
    )
    result = run("-s")
    result.assert_outcomes(passed=1)
    (line,) = (line for line in result.stdout.lines if "MODULES" in line)
    modules = json.loads(line.partition("MODULES ")[2].rpartition("]")[0] + "]")
    ours = {name for name in modules if name.split(".")[0] == "grader"}
    assert ours == {"grader", "grader.pytest_plugin"}
    assert not {"torch", "numpy", "click", "nbformat"} & set(modules)
