"""The command line as a user meets it: what it prints, what it writes, and its exit codes."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result

from grader import cli
from grader.course import Course, find_course
from grader.execution.servers import ForkServer
from grader.reporters import FORMATS
from tests.processes import start

ROOT = Path(__file__).resolve().parents[1]

NOTHING = "def init_hidden(rnn, batch_size):\n    return None\n"
FEW = ("--max-examples", "5", "--device", "cpu")


class Borrowed:
    """The fork server of the session, which a command must not end."""

    def __init__(self, server: ForkServer) -> None:
        self._server = server

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_folder: Path, request: pytest.FixtureRequest) -> Path:
    """Each test runs in a folder of its own, with the session's cache and fork server (started when first used)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADER_CACHE_DIR", str(cache_folder))
    for name in ("GRADER_COURSE", "GRADER_DEBUG", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("grader.execution.servers.start_server", lambda: Borrowed(request.getfixturevalue("server")))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, arguments, prog_name="grader")


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def files(folder: Path) -> list[str]:
    """What lies in a folder, but for what pytest's Hypothesis may leave where a test stands."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".hypothesis")


@pytest.mark.parametrize("name", ["", *cli.main.commands])
def test_help_is_enough(name: str) -> None:
    """--help and -h say what a command does, what it takes, and what every option means."""
    command = cli.main.commands[name] if name else cli.main
    result = run(*([name] if name else []), "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert run(*([name] if name else []), "-h").output == result.output
    assert command.help
    assert all(len(line) <= 80 for line in result.output.splitlines())
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{parameter.name} has no help"
            assert all(option in result.output for option in parameter.opts)
        else:
            assert parameter.make_metavar(click.Context(command)) in result.output


def test_help_tells_the_exit_codes() -> None:
    """The exit codes stand where commands are listed."""
    text = " ".join(run("--help").output.split())
    assert "Exit codes: 0 all passed, 1 some submission fell short, 2 used wrongly, 3 the grader itself broke." in text


COURSE = find_course(ROOT)
ENTRY_POINTS = [name for names in COURSE.entry_points().values() for name in names]

WRONG_USE = {
    "no such file": (("grade", "gone.py"), "There is no file or folder gone.py. In that folder: hw.py."),
    "empty folder": (
        ("grade", "empty"),
        "empty holds nothing to grade: expected .py or .ipynb files in it, or in folders in it.",
    ),
    "text file": (
        ("grade", "notes.txt"),
        "notes.txt is no submission: expected a .py file, an .ipynb file, a folder of them, "
        "or an archive of such a folder (.zip, .tar, .tar.gz, .tgz).",
    ),
    "no such exercise": (
        ("grade", "hw.py", "--exercise", "unrol"),
        f"There is no exercise 'unrol'. Did you mean 'unroll'? The exercises are: {', '.join(COURSE.names)}.",
    ),
    "nothing like an exercise": (
        ("grade", "hw.py", "--exercise", "zzz"),
        f"There is no exercise 'zzz'. The exercises are: {', '.join(COURSE.names)}.",
    ),
    "no course": (
        ("grade", "hw.py", "--course", "empty"),
        "empty holds no course: expected empty/exercises/course.toml.",
    ),
    "output in no folder": (
        ("grade", "hw.py", "--output", "gone/out.json"),
        "gone/out.json can't be written: there is no folder {here}/gone.",
    ),
    "output is a folder": (("check", "hw.py", "--output", "empty"), "empty can't be written: it is a folder."),
    "no such device": (
        ("grade", "hw.py", "--device", "abacus"),
        "There is no device 'abacus' here. There are: {devices}.",
    ),
    "no such report": (("replay", "gone.json"), "There is no file gone.json."),
    "no report": (
        ("replay", "hw.py"),
        "hw.py is no report: it holds no JSON. Write one with grader grade SUBMISSION --report json=FILE.",
    ),
    "another format": (
        ("replay", "old.json"),
        "old.json is no report of format version 1, as grader grade --report json=FILE writes it.",
    ),
    "start over a file": (
        ("start", "init_hidden", "--output", "hw.py"),
        "hw.py is there already; nothing was written. Say another name with --output.",
    ),
    "start in no folder": (
        ("start", "init_hidden", "--output", "gone/hw.py"),
        "gone/hw.py can't be written: No such file or directory.",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG_USE.values(), ids=WRONG_USE)
def test_wrong_use_gets_one_line(here: Path, server: ForkServer, arguments: tuple[str, ...], message: str) -> None:
    """What can't be done as asked is one line on standard error, exit code 2, and nothing is written."""
    (here / "empty").mkdir()
    for name, text in (("hw.py", NOTHING), ("notes.txt", "no"), ("old.json", '{"format_version": 0}')):
        write(name, text)
    before = files(here)
    result = run(*arguments)
    whole = message.format(here=here, devices=", ".join(("cpu", *server.devices)))
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"grader: {whole}\n")
    assert files(here) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("grade",), "Error: Missing argument 'SUBMISSION...'."),
        (("nope",), "Error: No such command 'nope'."),
        (("grade", "hw.py", "--sed", "1"), "Error: No such option '--sed'"),
        (
            ("grade", "hw.py", "--max-examples", "0"),
            "Error: Invalid value for '--max-examples': 0 is not in the range 1<=x<=10000.",
        ),
        (("grade", "hw.py", "--seed", "-1"), "Error: Invalid value for '--seed': -1 is not in the range x>=0."),
        *(
            (
                ("grade", "hw.py", option, value),
                f"Error: Invalid value for '{option}': expected a {expected}, got {value}.",
            )
            for option, value, expected in (
                ("--case-seconds", "0", "number from 0.01 to 86,400"),
                ("--exercise-seconds", "-1", "number from 0.01 to 86,400"),
                ("--submission-seconds", "nan", "number from 0.01 to 86,400"),
                ("--memory-mb", "99999999999", "whole number from 1 to 1,048,576"),
                ("--output-kb", "1.5", "whole number from 1 to 10,240"),
                ("--output-kb", "much", "whole number from 1 to 10,240"),
            )
        ),
        (
            ("grade", "hw.py", "--format", "xml"),
            f"Error: Invalid value for '--format': xml is none of {', '.join(FORMATS)}.\n",
        ),
        (
            ("grade", "hw.py", "--format", "markdwon"),
            f"Error: Invalid value for '--format': markdwon is none of {', '.join(FORMATS)}. Did you mean markdown?\n",
        ),
        (
            ("grade", "hw.py", "--seed", "abc"),
            "Error: Invalid value for '--seed': 'abc' is not a valid whole number.\n",
        ),
    ],
    ids=[
        *("nothing to grade", "no such command", "no such option", "no cases", "negative seed"),
        *("no time", "negative time", "no number", "huge memory", "output not whole", "output no number"),
        *("no such format", "a format misspelt", "a seed that is no number"),
    ],
)
def test_misspelt_commands_get_the_usage(arguments: tuple[str, ...], message: str) -> None:
    """What click refuses is exit code 2 as well, with the usage."""
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: grader")
    assert message in result.stderr


@pytest.mark.parametrize("name", ["a" * 300 + ".py", "a" * 300])
@pytest.mark.parametrize("command", [("grade",), ("check",), ("replay",), ("grade", "hw.py", "--output")])
def test_impossible_names_are_wrong_use(command: tuple[str, ...], name: str) -> None:
    """A name that no file can have is exit code 2, and no fault of the grader."""
    write("hw.py", "def f(:\n")
    result = run(*command, name)
    assert result.exit_code == 2
    assert result.stderr.startswith("grader: ")
    assert "fault of the grader" not in result.stderr


def test_a_right_submission_passes(course: Course) -> None:
    """The reference gets full marks and exit code 0."""
    shutil.copy(course.root / "solutions/init_hidden/solution.py", "hw.py")
    result = run("grade", "hw.py", *FEW)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("hw.py\n\n✓ init_hidden  10 of 10 points\n")
    assert result.stdout.endswith("\nTotal: 10 of 10 points\n")


def test_a_wrong_submission_fails_and_says_why() -> None:
    """A submission that returns None gets 0 points, exit code 1, and a script; nothing goes to standard error."""
    write("hw.py", NOTHING)
    result = run("grade", "hw.py", *FEW)
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.startswith("hw.py\n\n✗ init_hidden  0 of 10 points\n")
    assert "    The smallest case for “zeros of the right shape”, to run:\n" in result.stdout
    assert "\x1b" not in result.stdout


def test_grading_leaves_nothing_behind(here: Path) -> None:
    """Grading writes nothing where the user stands: no folder of Hypothesis, no bytecode."""
    write("hw.py", NOTHING)
    process = start("grade", "hw.py", *FEW, stdout=subprocess.PIPE)
    assert process.communicate()[1] == ""
    assert process.returncode == 1
    assert [path.name for path in here.iterdir()] == ["hw.py"]


SYNTAX_ERROR = """\
hw.py

! init_hidden  0 of 10 points
    hw.py, line 1 is not Python (invalid syntax): def init_hidden(:

Total: 0 of 10 points
"""
UNFIT = {
    "syntax error": ("def init_hidden(:\n", (), SYNTAX_ERROR),
    "syntax error in a named exercise": ("def init_hidden(:\n", ("--exercise", "init_hidden"), SYNTAX_ERROR),
    "empty": ("", (), "hw.py\n  hw.py has no code in it.\n\nTotal: 0 of 0 points\n"),
    "nothing of the course": (
        "x = 1\n",
        (),
        "hw.py\n"
        + textwrap.fill(
            f"It defines none of the course's entry points: {', '.join(ENTRY_POINTS)}.",
            width=80,
            initial_indent="  ",
            subsequent_indent="  ",
        )
        + "\n\nTotal: 0 of 0 points\n",
    ),
    "near miss": (
        "x = 1\ndef init_hiden(rnn, batch_size): ...\n",
        (),
        "hw.py\n  It does not define `init_hidden`. Is it the `init_hiden` at hw.py, line 2?\n  Then rename it.\n\n"
        "Total: 0 of 0 points\n",
    ),
    "missing in a named exercise": (
        "x = 1\n",
        ("-e", "run_batch"),
        "hw.py\n\n! run_batch  0 of 10 points\n    It does not define `run_batch`.\n\nTotal: 0 of 10 points\n",
    ),
}


@pytest.mark.parametrize(("source", "options", "expected"), UNFIT.values(), ids=UNFIT)
def test_what_can_not_be_run_says_so(source: str, options: tuple[str, ...], expected: str) -> None:
    """A submission that can't be run gets exit code 1 and one sentence to act on."""
    write("hw.py", source)
    result = run("grade", "hw.py", *options)
    assert (result.exit_code, result.stdout, result.stderr) == (1, expected, "")


def test_several_submissions_are_summed_up(course: Course) -> None:
    """With several submissions one that falls short makes the exit code 1, and a summary ends the output."""
    shutil.copy(course.root / "solutions/init_hidden/solution.py", "right.py")
    write("wrong.py", "x = 1\n")
    result = run("grade", "right.py", "wrong.py", *FEW)
    assert result.exit_code == 1
    assert result.stdout.endswith("\nSummary\n  ✓   10 of 10   right.py\n  !    0 of 0    wrong.py\n")


def test_json_fits_the_schema_and_is_the_same_again() -> None:
    """--format json is valid by the schema, alone on standard output, and the same each time but for the seconds."""
    write("hw.py", NOTHING)
    schema = json.loads((ROOT / "grader/schema/report.schema.json").read_text(encoding="utf-8"))
    reports = []
    for _ in range(2):
        result = run("grade", "hw.py", "--format", "json", "--seed", "3", *FEW)
        assert (result.exit_code, result.stderr) == (1, "")
        data = json.loads(result.stdout)
        jsonschema.Draft202012Validator(schema).validate(data)
        reports.append(json.dumps(without_seconds(data)))
    assert reports[0] == reports[1]
    assert (data["seed"], data["max_examples"]) == (3, 5)


def without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_seconds(item) for key, item in value.items() if key != "seconds"}
    return [without_seconds(item) for item in value] if isinstance(value, list) else value


def test_output_goes_to_the_file(here: Path) -> None:
    """With --output the report is in the file, whole, over what was there; one line says so on standard error."""
    write("hw.py", "x = 1\n")
    write("out.json", "old")
    result = run("grade", "hw.py", "--format", "json", "--output", "out.json")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "Wrote out.json.\n")
    assert json.loads(Path("out.json").read_text(encoding="utf-8"))["format_version"] == 1
    assert files(here) == ["hw.py", "out.json"]


def test_a_full_disk_leaves_what_was_there(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that can't be written is exit code 3; the old file stays, and nothing half-written is left."""
    write("hw.py", "x = 1\n")
    write("out.txt", "old")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    result = run("grade", "hw.py", "--output", "out.txt")
    monkeypatch.undo()
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "grader: out.txt could not be written: No space left on device.\n"
    assert (here / "out.txt").read_text(encoding="utf-8") == "old"
    assert files(here) == ["hw.py", "out.txt"]


def test_a_fault_of_ours_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected exception is exit code 3, said to be the grader's, without a traceback."""

    def broken(*args: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("grader.submission.read_submission", broken)
    write("hw.py", NOTHING)
    result = run("grade", "hw.py")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == (
        "grader: a fault of the grader itself, not of any submission: ZeroDivisionError: division by zero\n"
        "Set GRADER_DEBUG=1 to see where; please report it.\n"
    )


def test_check_needs_no_solutions(here: Path, course: Course) -> None:
    """grader check runs in a course without solutions/, gives no points, and says what was not checked."""
    shutil.copytree(course.root / "exercises", here / "exercises")
    write("hw.py", (course.root / "solutions/init_hidden/solution.py").read_text(encoding="utf-8"))
    result = run("check", "hw.py", *FEW)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "points" not in result.stdout
    text = " ".join(result.stdout.split())
    assert "Not checked: this needs the reference solution, which your instructor's run has." in text
    graded = run("grade", "hw.py", *FEW)
    assert graded.exit_code == 2
    assert graded.stderr == (
        "grader: The course has no solution for init_hidden: solutions/init_hidden/solution.py is not there. "
        "To check a submission without solutions, use: grader check\n"
    )


def test_a_self_check_is_replayed_without_solutions(here: Path, course: Course) -> None:
    """A student's report holds nothing that needs the reference; a teacher's does, and says so."""
    source = "import torch\nZ = {}\ndef init_hidden(rnn, batch_size):\n    return Z.setdefault(0, torch.ones(2))\n"
    write("hw.py", source)
    assert run("grade", "hw.py", "--format", "json", "--output", "teacher.json", *FEW).exit_code == 1
    shutil.copytree(course.root / "exercises", here / "exercises")
    assert run("check", "hw.py", "--report", "json=out.json", *FEW).exit_code == 1
    result = run("replay", "out.json")
    assert (result.exit_code, result.stderr) == (1, "")
    assert "hw.py: init_hidden, memory of its own: still fails\n" in result.stdout
    result = run("replay", "teacher.json")
    assert (result.exit_code, result.stderr) == (
        2,
        "grader: “zeros of the right shape” of init_hidden is judged by the reference solution, which this course "
        "lacks. The report holds a script for it.\n",
    )


def test_replay_runs_what_was_found() -> None:
    """replay prints each counterexample as a script, exit code 1 while one fails; control characters are shown as ?."""
    write("hw.py", "def init_hidden(rnn, batch_size):\n    raise ValueError('\\x07\\x1b]0;title\\x07')\n")
    assert run("grade", "hw.py", "--format", "json", "--output", "out.json", *FEW).exit_code == 1
    result = run("replay", "out.json")
    assert (result.exit_code, result.stderr) == (1, "")
    assert "hw.py: init_hidden, zeros of the right shape: still fails\n" in result.stdout
    assert "from hw import init_hidden\n" in result.stdout
    count = len(re.findall(r"^hw.py: init_hidden, .*: still fails$", result.stdout, flags=re.MULTILINE))
    assert result.stdout.endswith(f"\n{count} of {count} counterexamples still fail.\n")
    scripts = re.findall(r"^# What is wrong: ", result.stdout, flags=re.MULTILINE)
    assert (
        len(scripts) + result.stdout.count("\n  By the script of “zeros of the right shape”.\n") == count > len(scripts)
    )
    assert not {char for char in result.stdout if char < " " and char != "\n"}


def test_list_names_every_exercise(course: Course) -> None:
    """list shows each exercise with points, level, title and how it is called."""
    result = run("list")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"{course.title}\n\n  init_hidden       10 points  foundation    A state of")
    for name in course.names:
        assert name in result.stdout
    assert "init_hidden(rnn, batch_size)" in result.stdout


def test_start_writes_the_starter(here: Path, course: Course) -> None:
    """start says what it wrote, how to go on, and where the handout is."""
    result = run("start", "init_hidden")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "Wrote init_hidden.py. Fill it in, then: grader check init_hidden.py\n"
        f"What is asked: {course.root / 'exercises' / 'init_hidden' / 'README.md'}\n"
    )
    assert (here / "init_hidden.py").is_file()
    result = run("start", "init_hidden", "--output", "my own.py", "--course", str(course.root))
    assert result.stdout.startswith(
        f"Wrote my own.py. Fill it in, then: grader check 'my own.py' --course {course.root}\n"
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "colored"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
    ids=["terminal", "NO_COLOR", "NO_COLOR empty", "dumb terminal"],
)
def test_a_terminal_gets_colour_and_progress(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], colored: bool
) -> None:
    """A terminal gets colour unless NO_COLOR is set, and a line of progress that is wiped; a dumb one gets neither."""
    write("hw.py", NOTHING)
    out, err = Terminal(), Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    for name, value in {"TERM": "xterm", "COLUMNS": "50", **environment}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        cli.main(["grade", "hw.py", *FEW])
    assert ended.value.code == 1
    assert ("\x1b[" in out.getvalue()) is colored
    if environment.get("TERM") == "dumb":
        assert err.getvalue() == ""
        return
    assert "init_hidden: running hw.py" in err.getvalue()
    assert "\n" not in err.getvalue()
    assert err.getvalue().endswith("\r\x1b[K")
    assert max(len(line) for line in err.getvalue().replace("\x1b[K", "").split("\r")) < 50


def test_a_reader_that_leaves_is_no_verdict() -> None:
    """When whoever reads the output has gone, the exit code is none that speaks of submissions, and all is quiet."""
    reader, writer = os.pipe()
    os.close(reader)
    process = start("list", stdout=writer)
    os.close(writer)
    assert process.communicate()[1] == ""
    assert process.returncode not in (0, 1, 2)


@pytest.mark.parametrize("module", ["grader", "grader.cli"])
def test_runs_as_a_module(module: str) -> None:
    """`python -m grader` is the command, for those whose PATH lacks the script."""
    done = subprocess.run([sys.executable, "-m", module, "--version"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"grader, version {cli.__version__}\n"
