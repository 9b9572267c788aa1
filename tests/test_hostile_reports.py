"""What reports say of submissions whose every text is an attack on whoever reads them, through the whole command."""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from grader import cli, scripts
from grader.execution.servers import ForkServer
from grader.grading import Grader
from grader.plaintext import plain_line, plain_text
from grader.report import Counterexample, PropertyResult
from tests.conftest import ROOT, GradeSource
from tests.reporters.test_github import commands
from tests.reporters.test_junit import check_structure
from tests.reporters.test_markdown import tokens
from tests.sources import init_hidden, messages, notebook, returning, too_long
from tests.test_scripts import run_scripts

# Clears the screen, sets a title, goes up a line; turns the direction; a tag; a formula; a line as the report has it.
TAMER = "\x1b[2J\x1b]0;owned\x07\x9b1A\u202e\u2066<script>alert(1)</script>\t=cmd()&\r\n✓ init_hidden 10 of 10"
ATTACK = TAMER + "\ud800\0"  # and what is neither UTF-8 nor allowed in the name of a class
MARKDOWN = {"text", "code_inline", "fence", "html_block"} | {
    f"{each}_{end}" for each in ("heading", "paragraph", "bullet_list", "list_item") for end in ("open", "close")
}
NO_TEXT = b"\xff" + TAMER.encode()

SUBMISSIONS = {
    "exception": init_hidden(f"raise ValueError({ATTACK!r})"),
    "exception_while_importing": init_hidden(before=f"raise ValueError({ATTACK!r})"),
    "class_of_an_exception": init_hidden("raise Bad", before=f"Bad = type({TAMER!r}, (Exception,), {{}})"),
    "class_of_what_is_returned": returning("Bad()", before=f"Bad = type({TAMER!r}, (), {{}})"),
    "keys_of_a_dict": returning(f"{{{ATTACK!r}: 1}}"),
    "keys_of_other_types": returning("{Key(): 1}", before=f"class Key:\n    def __repr__(self): return {ATTACK!r}"),
    "text": returning(repr(ATTACK)),
    "printed": init_hidden("raise ValueError", before=f"print({TAMER!r}, flush=True)"),
    "printed_bytes": init_hidden("raise ValueError", before=f"os.write(1, {NO_TEXT!r})"),
    "name_of_a_function": returning(
        "f()", before=f"def f(): raise ValueError\nf.__code__ = f.__code__.replace(co_name={ATTACK!r})"
    ),
    "name_of_an_import": init_hidden(before=f"raise ModuleNotFoundError({ATTACK!r})"),
    "syntax_error": f"def init_hidden(rnn, batch_size):\n    x = = '{TAMER[:30]}'\n",
    "exit": init_hidden(f"sys.exit({ATTACK!r})"),
}


def unseen(text: str) -> set[str]:
    return {char for char in text if (unicodedata.category(char)[0] == "C" or char in "\u2028\u2029") and char != "\n"}


def texts(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts(value)
    elif isinstance(data, str):
        yield data


class Borrowed:
    """The fork server of the session, which a command must not end."""

    def __init__(self, server: ForkServer) -> None:
        self._server = server

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_folder: Path, server: ForkServer) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADER_CACHE_DIR", str(cache_folder))
    monkeypatch.setenv("GRADER_COURSE", str(ROOT))
    monkeypatch.setattr("grader.execution.servers.start_server", lambda: Borrowed(server))


def graded(paths: Sequence[str]) -> list[dict[str, Any]]:
    """Submissions of a JSON report; it, and what a terminal shows, checked for what nobody may find in either."""
    options = ("--exercise", "init_hidden", "--max-examples", "4", "--device", "cpu")
    shown = CliRunner().invoke(cli.main, ["grade", *options, "--", *paths])
    more = [f"--report={name}=r.{name}" for name in ("junit", "markdown", "github")]
    as_json = CliRunner().invoke(
        cli.main, ["grade", *options, *more, "--format", "json", "--output", "r.json", "--", *paths]
    )
    assert (shown.exit_code, as_json.exit_code) == (1, 1), shown.output + as_json.output
    assert unseen(shown.stdout) == set()
    assert not any(line.startswith("✓") for line in shown.stdout.splitlines())
    text = Path("r.json").read_bytes().decode("utf-8")
    assert unseen(text) == set()
    assert not set(text) & set("<>&")
    check_structure(ElementTree.parse("r.junit").getroot())
    assert {name for name, _, _ in commands(Path("r.github").read_text(encoding="utf-8"))} <= {"error", "notice"}
    assert {token.type for token in tokens(Path("r.markdown").read_text(encoding="utf-8"))} <= MARKDOWN
    data = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert {char for each in texts(data) for char in unseen(each)} <= {"\t"}
    assert data["score"] == 0
    return list(data["submissions"])


def told(submission: dict[str, Any]) -> str:
    """The first thing that is said of a submission."""
    (exercise,) = submission["exercises"]
    return str(exercise["message"] or exercise["properties"][0]["message"])


def scripts_of(submission: dict[str, Any]) -> list[str]:
    laws = submission["exercises"][0]["properties"]
    return [each["counterexample"]["script"] for each in laws if each["counterexample"] is not None]


def test_no_text_of_a_submission_does_anything() -> None:
    """Whatever text a submission chooses, reports show it, and no terminal, page or program obeys it."""
    for name, source in SUBMISSIONS.items():
        Path(f"{name}.py").write_text(source, encoding="utf-8")
    for name, submission in zip(SUBMISSIONS, graded([f"{name}.py" for name in SUBMISSIONS]), strict=True):
        assert "x1b[2J" in json.dumps(submission), name
        for script in scripts_of(submission):
            assert "owned" not in ast.dump(ast.parse(script)), name


FILE_NAMES = (
    "\x1b[2J\u202e.py",
    "a\n✓ init_hidden 10 of 10.py",
    "--help.py",
    "caf\udce9.py",
    "x'; owned() #.py",
    'x"""; owned() #.py',
    "x\\'; owned() #.py",
    "a\nowned()\n.py",
    "{owned()}%s.py",
    "<script>alert(1)<.py",
    "=cmd()&.ipynb",
    "x'; owned() #.ipynb",
    "owned()\r\n.ipynb",
    "ﬁx.py",
    "class.py",
)


def test_no_name_of_a_file_does_anything(tmp_path: Path) -> None:
    """A file may be called anything: reports show the name on one line, and scripts read that very file."""
    source = returning("3", before="import builtins; builtins.owned = lambda: open('owned', 'w')")
    for name in FILE_NAMES:
        Path(name).write_text(notebook(source) if name.endswith(".ipynb") else source, encoding="utf-8")
    firsts = []
    for name, submission in zip(FILE_NAMES, graded(FILE_NAMES), strict=True):
        assert (submission["path"], told(submission)) == (
            plain_line(name),
            "state (number 1 of 2) is int 3, expected a tensor of shape (1, 1, 3).",
        )
        firsts.append(scripts_of(submission)[0])
    for name, (code, output) in zip(FILE_NAMES, run_scripts(tmp_path, firsts), strict=True):
        assert (code, output.splitlines()[0]) == (0, "3"), name
    assert not Path("owned").exists()


def test_an_error_of_use_shows_names_too() -> None:
    """A path that is not there is told on standard error as it can be seen."""
    done = CliRunner().invoke(cli.main, ["grade", "\x1b[2J\u202e.py"])
    assert (done.exit_code, done.stderr) == (2, "grader: There is no file or folder \\x1b[2J\\u202e.py.\n")


BAD_STR = "class Bad(Exception):\n    def __str__(self): {}\n    __repr__ = __str__"
TEXTS = {
    "raises": (BAD_STR.format("raise ValueError"), "Bad: <ValueError while its text was made>."),
    "raises itself": (BAD_STR.format("raise self"), "Bad: <Bad while its text was made>."),
    "exits": (BAD_STR.format("sys.exit()"), "Bad: <SystemExit while its text was made>."),
    "gives no text": (BAD_STR.format("return 3"), "Bad: <TypeError while its text was made>."),
    "gives very much": (BAD_STR.format("return 'x' * 10**8"), f"Bad: {'x' * 300} …"),
    "calls itself": (BAD_STR.format("return str(self)"), "Bad: <RecursionError while its text was made>."),
    "gives a text of its own": (
        "class Text(str):\n    __getitem__ = __len__ = __iter__ = __str__ = lambda *a: 1 / 0\n"
        + BAD_STR.format("return Text('odd')"),
        "Bad: odd.",
    ),
    "class that lies": (
        "class Meta(type):\n"
        "    __name__ = __mro__ = __module__ = property(lambda c: 1 / 0)\n"
        "    __eq__ = __hash__ = __instancecheck__ = lambda *a: 1 / 0\n"
        "class Bad(Exception, metaclass=Meta):\n    __traceback__ = filename = property(lambda s: 1 / 0)\n"
        "    __class__ = property(lambda s: 1 / 0)",
        "Bad.",
    ),
    "class of a long name": ("Bad = type('B' * 10**6, (Exception,), {})", f"{'B' * 80}."),
}


def test_an_exception_can_say_what_it_wants() -> None:
    """An exception that has no text, or too much of it, or lies about itself, is told in one line all the same."""
    for number, (before, _) in enumerate(TEXTS.values()):
        Path(f"hw_{number}.py").write_text(init_hidden("raise Bad()", before=before))
    submissions = graded([f"hw_{number}.py" for number in range(len(TEXTS))])
    got = {name: told(submission) for name, submission in zip(TEXTS, submissions, strict=True)}
    assert got == {name: f"Your code raised {text}" for name, (_, text) in TEXTS.items()}


def test_an_exception_whose_text_takes_for_ever_ends_its_run(small_grader: Grader, grade_source: GradeSource) -> None:
    """The limit of a run holds while the text of an exception is made."""
    before = BAD_STR.format("[0 for _ in iter(int, 1)]")
    result = grade_source(
        init_hidden("if batch_size >= 64: raise Bad", before=before), "init_hidden", grader=small_grader
    )
    assert messages(result) == [too_long("submission.py, line 3, in <listcomp>")]


@given(st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Lu", "Po"])))
def test_no_comment_of_a_script_ends_early(text: str) -> None:
    """Whatever was found, what a script says of it is a comment to its end."""
    script = scripts.render(
        "hw.py", entry_points=["f"], runs={"as it is": "f()"}, message=text, expected=text, got=text, where=text
    )
    plain = scripts.render(
        "hw.py", entry_points=["f"], runs={"as it is": "f()"}, message="", expected="", got="", where=""
    )
    made = Counterexample(case={}, script=script, expected=text, got=text, where=text)
    assert made.script == script
    assert ast.dump(ast.parse(made.script)) == ast.dump(ast.parse(plain))


def test_a_report_is_bounded() -> None:
    """Of a text that somebody made very long, a report holds the beginning."""
    made = PropertyResult(name="a", status="failed", points=0, max_points=1, message="x" * 10**7)
    assert len(made.message) < 5_000
    assert made.message.endswith("x …")
    assert plain_text(made.message) == made.message


OBEYED = re.compile(r"^\s*::|##\w*\[", re.MULTILINE)  # by GitHub's runners, in the log of a step; and by others
COMMANDS = "::error file=a::owned ::set-output name=score::100 ##[error]owned ##vso[task.complete]owned "


def test_no_line_of_a_report_is_a_command_to_a_ci_system() -> None:
    """Wherever lines are broken, nothing that a submission says is obeyed by what keeps a log; JSON holds all of it."""
    names = ["::error::hw.py", "a ##[error]hw.py"]
    for name in names:
        source = init_hidden(f"raise ValueError({COMMANDS * 3!r})", before=f"print({COMMANDS!r})")
        Path(name).write_text(source, encoding="utf-8")
    options = ("--exercise", "init_hidden", "--max-examples", "4", "--device", "cpu")
    shown = CliRunner().invoke(cli.main, ["grade", *options, "--", *names]).stdout
    text = CliRunner().invoke(cli.main, ["grade", *options, "--format", "json", "--", *names]).stdout
    Path("r.json").write_text(text, encoding="utf-8")
    again = CliRunner().invoke(cli.main, ["replay", "r.json"]).stdout
    for said in (shown, text, again):
        assert "::error file" in said
        assert not OBEYED.findall(said)
    submissions = json.loads(text)["submissions"]
    assert [each["path"] for each in submissions] == names
    assert COMMANDS in submissions[0]["exercises"][0]["properties"][0]["message"]
