"""What was handed in, read as text: files, folders, notebooks, and what they define."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import NotHandedIn, SubmissionProblem, UsageError
from grader.intake.sources import MAX_CODE_BYTES, SourceFile, read_source, without_magics
from grader.submission import exercises_in, file_for, read_one_of, read_submission

DEFINITION = "def init_hidden(rnn, batch_size):\n    return None\n"


def cell(source: str | list[str], kind: str = "code", **metadata: object) -> dict[str, object]:
    return {"cell_type": kind, "metadata": metadata, "source": source}


def notebook(*cells: object) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def read_one(path: Path, content: str | bytes) -> SourceFile:
    """Writes a submission of one file and reads it."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (file,) = read_submission(path).files
    return file


def read(name: str, content: str | bytes) -> SourceFile:
    """Reads a file that is nowhere."""
    return read_source(name, content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(DEFINITION, id="def"),
        pytest.param("async def init_hidden(): ...\n", id="async def"),
        pytest.param("class init_hidden: ...\n", id="class"),
        pytest.param("init_hidden = lambda rnn, batch_size: None\n", id="lambda"),
        pytest.param("other = init_hidden = print\n", id="second target of an assignment"),
        pytest.param("other, init_hidden = print, print\n", id="unpacking"),
        pytest.param("init_hidden: object = print\n", id="annotated assignment"),
        pytest.param("from functools import partial as init_hidden\n", id="import as"),
        pytest.param("import functools as init_hidden\n", id="import module as"),
        pytest.param(f"if True:\n    {DEFINITION.replace(chr(10), chr(10) + '    ')}\n", id="if"),
        pytest.param("if False:\n    pass\nelif True:\n    init_hidden = print\n", id="elif"),
        pytest.param("if False:\n    pass\nelse:\n    init_hidden = print\n", id="else"),
        pytest.param("try:\n    init_hidden = print\nfinally:\n    pass\n", id="try"),
        pytest.param("try:\n    raise OSError\nexcept OSError:\n    init_hidden = print\n", id="except"),
        pytest.param("try:\n    pass\nfinally:\n    init_hidden = print\n", id="finally"),
        pytest.param("for _ in range(1):\n    init_hidden = print\n", id="for"),
        pytest.param("while True:\n    init_hidden = print\n    break\n", id="while"),
        pytest.param("with open('x') as f:\n    init_hidden = print\n", id="with"),
        pytest.param("match 1:\n    case 1:\n        init_hidden = print\n", id="match"),
        pytest.param(f"import functools\n\n\n@functools.cache\n{DEFINITION}", id="decorated"),
        pytest.param(DEFINITION.replace("\n", "\r\n"), id="lines that end as on Windows"),
        pytest.param("\ufeff" + DEFINITION, id="byte order mark"),
        pytest.param("# -*- coding: utf-8 -*-\n" + DEFINITION, id="coding cookie"),
        pytest.param("# coding: latin-1\ntext = 'é'\n" + DEFINITION, id="coding cookie of another encoding"),
    ],
)
def test_finds_a_name_bound_at_the_top_level(source: str) -> None:
    """A name counts as defined however it is bound at the top level."""
    file = read("hw.py", source)
    assert (file.problem, "init_hidden" in file.defined) == ("", True)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"class Mine:\n    {DEFINITION.replace(chr(10), chr(10) + '    ')}\n", id="in a class"),
        pytest.param("def outer():\n    def init_hidden(): ...\n", id="in a function"),
        pytest.param("import init_hidden.parts as parts\n", id="module that is named otherwise here"),
        pytest.param("print('init_hidden')\n", id="in a text"),
        pytest.param("# def init_hidden(): ...\npass\n", id="in a comment"),
    ],
)
def test_finds_no_name_that_is_bound_elsewhere(source: str) -> None:
    """A name in a class, a function, a text or a comment is not defined."""
    assert "init_hidden" not in read("hw.py", source).defined


def test_remembers_the_first_place() -> None:
    """The place of a name is where it is bound first, by cell in a notebook."""
    file = read("a.ipynb", notebook(cell("# text", "markdown"), cell("x = 1\ny = 2"), cell("y = 3")))
    assert file.defined == {"x": "a.ipynb, cell 2, line 1", "y": "a.ipynb, cell 2, line 2"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "hw.py has no code in it.", id="empty"),
        pytest.param(b"\n \n", "hw.py has no code in it.", id="blank"),
        pytest.param(
            b"x = 1\ny = '\xe9'\n", "hw.py is not UTF-8 text (line 2); save it as UTF-8.", id="latin-1 on line 2"
        ),
        pytest.param(
            "x = 1".encode("utf-16"), "hw.py is not UTF-8 text (line 1); save it as UTF-8.", id="UTF-16 with its mark"
        ),
        pytest.param(
            b"x = 1\ndef f(:\n",
            "hw.py, line 2 is not Python (invalid syntax): def f(:",
            id="syntax error with its line",
        ),
        pytest.param(
            b"def f():\nreturn 1\n",
            "hw.py, line 2 is not Python (expected an indented block after function definition on line 1): return 1",
            id="indentation",
        ),
        pytest.param(
            b"%matplotlib inline\nx = 1\n",
            "hw.py, line 1 is not Python (invalid syntax): %matplotlib inline",
            id="a magic in a .py",
        ),
        pytest.param(
            b"x = 1\n" + b"#" * MAX_CODE_BYTES,
            f"hw.py has {MAX_CODE_BYTES + 6:,} characters of code; at most 1,048,576 are read.",
            id="too large",
        ),
    ],
)
def test_says_why_a_file_can_not_be_read(content: bytes, message: str) -> None:
    """A file that can't be run says why in one line, with the line where there is one."""
    assert read("hw.py", content).problem == message


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("(" * 5_000, id="brackets"),
        pytest.param("x = " + "[" * 150 + "]" * 150, id="closed brackets"),
        pytest.param("-" * 100_000 + "1", id="signs"),
        pytest.param("x = " + "a." * 20_000 + "b", id="attributes"),
        pytest.param("x = 1" + "+1" * 50_000, id="sum"),
        pytest.param("if 0:\n  pass\n" + "".join(f"elif {i}:\n  pass\n" for i in range(1_500)), id="1500 elifs"),
        pytest.param("if 0:\n  pass\n" + "".join(f"elif {i}:\n  pass\n" for i in range(20_000)), id="20000 elifs"),
        pytest.param("x = 1\0", id="null byte"),
    ],
)
def test_survives_source_that_parsers_choke_on(source: str) -> None:
    """Source nested too deeply is a problem of the file, said in a line that gives a reason, or none at all."""
    problem = read("hw.py", source).problem
    assert "\n" not in problem
    assert not problem or problem.startswith(
        ("hw.py is not Python (", "hw.py, line 1 is not", "hw.py can't be read as")
    )
    assert not problem.endswith(": .")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_submission(content: bytes) -> None:
    """Whatever bytes stand in a file, reading it raises nothing, as .py or as notebook."""
    for name in ("hw.py", "hw.ipynb"):
        file = read(name, content)
        assert bool(file.problem) != bool(file.blocks)


def test_reads_a_folder_in_order_and_finds_the_file_that_defines(tmp_path: Path) -> None:
    """A folder's .py and .ipynb files are read in the order of their names; the one that defines a name is found."""
    (tmp_path / "b.py").write_text(DEFINITION, encoding="utf-8")
    (tmp_path / "a.ipynb").write_text(notebook(cell("x = 1")), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no", encoding="utf-8")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "c.py").write_text(DEFINITION, encoding="utf-8")
    submission = read_submission(tmp_path)
    assert [file.name for file in submission.files] == ["a.ipynb", "b.py", "deeper/c.py"]
    found = submission.file_for("init_hidden", ("init_hidden",))
    assert found is not None
    assert submission.location(found) == str(tmp_path / "b.py")
    assert submission.file_for("run_batch", ("run_batch",)) is None


@pytest.mark.parametrize(
    ("names", "says"),
    [
        pytest.param(["a.py", "b.py"], "a.py and b.py; keep one of them, or name it init_hidden.py.", id="two"),
        pytest.param(
            ["init_hidden.ipynb", "init_hidden.py", "other.py"],
            "init_hidden.ipynb and init_hidden.py; keep one of them.",
            id="two of the right name",
        ),
        pytest.param(
            ["my init_hidden.py", "init_hidden_old.py"],
            "init_hidden_old.py and my init_hidden.py; keep one of them, or name it init_hidden.py.",
            id="two of nearly the right name",
        ),
    ],
)
def test_a_name_defined_in_two_files_is_a_problem(tmp_path: Path, names: list[str], says: str) -> None:
    """Files of a folder that define the same entry point are refused, naming them."""
    for name in names:
        text = notebook(cell(DEFINITION)) if name.endswith(".ipynb") else DEFINITION
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SubmissionProblem) as caught:
        read_submission(tmp_path).file_for("init_hidden", ("init_hidden",))
    assert str(caught.value) == f"`init_hidden` is defined more than once, in {says}"


@pytest.mark.parametrize("name", ["init_hidden.py", "Init-Hidden.py", "03 init_hidden.ipynb", "hw1_init_hidden.py"])
def test_of_several_files_the_one_of_the_exercise_s_name_counts(tmp_path: Path, name: str) -> None:
    """A later exercise's file may have a copy of the function as a helper."""
    for other in ("a_train.py", "zz.py"):
        (tmp_path / other).write_text(f"\n\n{DEFINITION}", encoding="utf-8")
    text = notebook(cell(DEFINITION)) if name.endswith(".ipynb") else DEFINITION
    (tmp_path / name).write_text(text, encoding="utf-8")
    submission = read_submission(tmp_path)
    found = submission.file_for("init_hidden", ("init_hidden",))
    assert found is not None
    assert found.name == name
    assert submission.place("init_hidden", ("init_hidden",))[0] == str(tmp_path / name)


PARTS = {"one.py": "class A: ...\n", "two.py": "class B: ...\n"}


def test_entry_points_in_different_files_are_a_problem(tmp_path: Path) -> None:
    """An exercise that asks for several must have them in one file, which may import them."""
    for name, text in PARTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SubmissionProblem) as caught:
        read_submission(tmp_path).file_for("pipeline", ("A", "B"))
    says = "`A` and `B` must be in one file, defined or imported there: one.py has no `B`; two.py has no `A`."
    assert str(caught.value) == says
    (tmp_path / "main.py").write_text("from one import A\nfrom two import B\n", encoding="utf-8")
    found = read_submission(tmp_path).file_for("pipeline", ("A", "B"))
    assert found is not None
    assert found.name == "main.py"


@pytest.mark.parametrize("importing", ["from hidden import init_hidden\n", "from hidden import init_hidden as init\n"])
def test_a_file_that_imports_from_its_neighbour_defines_nothing_anew(tmp_path: Path, importing: str) -> None:
    """A demo that imports the entry point from the file beside it does not count as a second definition."""
    (tmp_path / "hidden.py").write_text(DEFINITION, encoding="utf-8")
    (tmp_path / "demo.py").write_text(importing, encoding="utf-8")
    found = read_submission(tmp_path).file_for("init_hidden", ("init_hidden",))
    assert found is not None
    assert found.name == "hidden.py"


def test_the_bundle_of_a_file_holds_its_neighbours(tmp_path: Path) -> None:
    """What is sent to a worker is the file first, then the other .py files that can be read; notebooks stay behind."""
    contents = {"a.py": DEFINITION, "b.py": "x = 1\n", "broken.py": "def\n", "n.ipynb": notebook(cell("y = 1"))}
    for name, text in contents.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    submission = read_submission(tmp_path)
    bundle = submission.bundle(submission.files[1])
    assert (bundle.main, [name for name, _ in bundle.files], bundle.tolerant) == ("b.py", ["b.py", "a.py"], False)
    assert submission.bundle(submission.files[3]).tolerant


def test_the_digest_follows_content_and_names(tmp_path: Path) -> None:
    """The digest is the same for the same content and another for other content or another name."""
    digests = []
    for name, text in (("a.py", "x = 1"), ("a.py", "x = 1"), ("a.py", "x = 2"), ("b.py", "x = 1")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        digests.append(read_submission(tmp_path / name).sha256)
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone.py", "There is no file or folder {path}. In that folder: near.ipynb, near.py."),
        ("gone/gone.py", "There is no file or folder {path}."),
        ("empty", "{path} holds nothing to grade: expected .py or .ipynb files in it, or in folders in it."),
        (
            "notes.txt",
            "{path} is no submission: expected a .py file, an .ipynb file, a folder of them, "
            "or an archive of such a folder (.zip, .tar, .tar.gz, .tgz).",
        ),
    ],
    ids=["missing, with what is near", "missing folder", "empty folder", "text file"],
)
def test_refuses_what_is_no_submission(tmp_path: Path, name: str, message: str) -> None:
    """A path that can't be graded is the caller's mistake, and the message says what was expected."""
    (tmp_path / "empty").mkdir()
    for beside in ("near.py", "near.ipynb", "notes.txt"):
        (tmp_path / beside).write_text("x", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_submission(tmp_path / name)
    assert str(caught.value) == message.format(path=tmp_path / name)


@pytest.mark.parametrize("name", ["a" * 300 + ".py", "a" * 300], ids=["file", "folder"])
def test_refuses_a_name_that_no_file_can_have(name: str) -> None:
    """A path too long for the system is the caller's mistake, not a fault of the grader."""
    with pytest.raises(UsageError):
        read_submission(Path(name))


def blocks(file: SourceFile) -> list[tuple[str, str]]:
    assert not file.problem
    return [(label.removeprefix("a.ipynb, "), source) for label, source in file.blocks]


def test_reads_the_code_cells_of_a_notebook_in_order() -> None:
    """Code cells become blocks, labelled by their place among all cells; a source may be a text or a list of lines."""
    text = notebook(cell("# Title", "markdown"), cell(["x = 1\n", "y = 2"]), cell("raw", "raw"), cell("z = 3"))
    file = read("a.ipynb", text)
    assert blocks(file) == [("cell 2", "x = 1\ny = 2"), ("cell 4", "z = 3")]
    assert file.notebook


def test_reads_notebooks_of_version_3() -> None:
    """nbformat 3 keeps cells in worksheets and their source under another name."""
    cells = [{"cell_type": "code", "input": ["x = 1\n", "y = 2"], "metadata": {}, "language": "python", "outputs": []}]
    text = json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]})
    assert blocks(read("a.ipynb", text)) == [("cell 1", "x = 1\ny = 2")]


def test_leaves_out_cells_that_are_tagged() -> None:
    """A cell tagged skip-grading is neither run nor searched for names; other tags change nothing."""
    text = notebook(cell("x = 1", tags=["skip-grading"]), cell("y = 2", tags=["other"]), cell("z = 3", tags=[]))
    file = read("a.ipynb", text)
    assert blocks(file) == [("cell 2", "y = 2"), ("cell 3", "z = 3")]
    assert set(file.defined) == {"y", "z"}


def test_a_cell_that_is_not_python_does_not_stop_the_others() -> None:
    """A cell with a syntax error stays in its place, to be reported when it is run."""
    file = read("a.ipynb", notebook(cell("def f(:"), cell("x = 1")))
    assert blocks(file) == [("cell 1", "def f(:"), ("cell 2", "x = 1")]
    assert file.defined["x"] == "a.ipynb, cell 2, line 1"


def test_a_cell_that_is_not_python_is_graded_for_what_it_looks_as_if_it_defined() -> None:
    """Else nobody would be told that it isn't Python: it is when it is run."""
    file = read("a.ipynb", notebook(cell("def f(x):\n    return [x"), cell("x = 1")))
    assert file.defined == {"f": "a.ipynb, cell 1, somewhere", "x": "a.ipynb, cell 2, line 1"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "{",
            "a.ipynb is not a notebook: it is not JSON (Expecting property name enclosed in double quotes: "
            "line 1 column 2 (char 1)).",
        ),
        ("x = 1", "a.ipynb is not a notebook: it is not JSON (Expecting value: line 1 column 1 (char 0))."),
        ("[]", "a.ipynb is not a notebook: it has no list of cells as nbformat describes."),
        ("1", "a.ipynb is not a notebook: it has no list of cells as nbformat describes."),
        ('"cells"', "a.ipynb is not a notebook: it has no list of cells as nbformat describes."),
        ('{"cells": 1}', "a.ipynb is not a notebook: it has no list of cells as nbformat describes."),
        (
            '{"cells": [{"cell_type": "code"}]}',
            "a.ipynb is not a notebook: it has no list of cells as nbformat describes.",
        ),
        ("[" * 100_000, "a.ipynb is not a notebook: it has no list of cells as nbformat describes."),
        (notebook(), "a.ipynb has no code in it."),
        (notebook(cell("only text", "markdown")), "a.ipynb has no code in it."),
        (notebook(cell("%%bash\nls")), "a.ipynb has no code in it."),
        (notebook(cell("x = 1", tags=["skip-grading"])), "a.ipynb has no code in it."),
    ],
    ids=[
        "cut short",
        "python",
        "list",
        "number",
        "text",
        "no cells",
        "no source",
        "nested",
        "empty",
        "markdown",
        "bash",
        "skipped",
    ],
)
def test_says_why_a_notebook_can_not_be_read(content: str, message: str) -> None:
    """A notebook that is none, or that has no code, says so in one line."""
    assert read("a.ipynb", content).problem == message


@pytest.mark.parametrize(
    ("source", "python"),
    [
        pytest.param("%matplotlib inline\nx = 1", "pass\nx = 1", id="line magic"),
        pytest.param("x = 1\n!pip install torch\ny = 2", "x = 1\npass\ny = 2", id="shell line"),
        pytest.param("!pip install \\\n    torch\nx = 1", "pass\npass\nx = 1", id="shell line that goes on"),
        pytest.param("if True:\n    !ls\nx = 1", "if True:\n    pass\nx = 1", id="indented"),
        pytest.param("files = !ls\nx = 1", "pass\nx = 1", id="assigned shell line"),
        pytest.param("files = %who_ls\nx = 1", "pass\nx = 1", id="assigned magic"),
        pytest.param("?print\nx = 1", "pass\nx = 1", id="question before"),
        pytest.param("print?\nx = 1", "pass\nx = 1", id="question after"),
        pytest.param("print??\nx = 1", "pass\nx = 1", id="two questions"),
        pytest.param("%%time\nx = 1", "pass\nx = 1", id="cell magic around Python"),
        pytest.param("\n%%timeit -n 1\nx = 1", "\npass\nx = 1", id="cell magic behind a blank line"),
        pytest.param("%%bash\nls", "", id="cell of another language"),
        pytest.param("%%html\n<b>", "", id="cell of html"),
        pytest.param("x = 7\ny = (x\n% 4)", "x = 7\ny = (x\n% 4)", id="remainder at the start of a line"),
        pytest.param('text = """\n%d\n!\n"""', 'text = """\n%d\n!\n"""', id="in a text"),
        pytest.param("def f(:\n    pass", "def f(:\n    pass", id="an error that is no magic"),
        pytest.param("x = 1", "x = 1", id="Python"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_leaves_out_what_only_ipython_understands(source: str, python: str) -> None:
    """Magics and shell lines become pass, line by line, so that line numbers stay; Python is left as it is."""
    assert without_magics(source) == python


@given(
    st.lists(st.sampled_from(["x = 1", "%time x = 2", "!ls", "  y = (1,", ")", "if x:", "    pass", "%%bash", '"""']))
)
def test_taking_magics_out_keeps_the_lines(lines: list[str]) -> None:
    """Whatever a cell holds, what is left has as many lines, or is nothing; Python stays as it was."""
    source = "\n".join(lines)
    left = without_magics(source)
    assert left == "" or left.count("\n") == source.count("\n")
    try:
        ast.parse(source)
    except SyntaxError:
        return
    assert left == source


@pytest.mark.parametrize("name", ["latin-1", "cp1252", "iso8859-15"])
def test_a_file_that_names_its_encoding_is_read_in_it(name: str) -> None:
    """As Python reads it; without such a line it is no UTF-8."""
    file = read("hw.py", f"# -*- coding: {name} -*-\nx = 'é'\n".encode(name))
    assert (file.problem, file.blocks[0][1].splitlines()[1]) == ("", "x = 'é'")


def test_a_folder_is_read_through_the_one_folder_in_it(tmp_path: Path) -> None:
    """As an archive is; hidden folders and links don't count."""
    (inner := tmp_path / "hw" / "work").mkdir(parents=True)
    (inner / "a.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "hw" / ".git").mkdir()
    (tmp_path / "hw" / "link").symlink_to(tmp_path)
    submission = read_submission(tmp_path / "hw")
    assert [file.name for file in submission.files] == ["a.py"]
    assert submission.location(submission.files[0]) == str(inner / "a.py")


def lay(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def test_code_in_folders_is_found(tmp_path: Path) -> None:
    """But for what tools and systems put there; of two that define it, that in the fewer folders, then by its name."""
    junk = ["venv/pyvenv.cfg", "venv/lib/hidden.py", "a/.git/x.py", "a/__pycache__/x.py", "node_modules/b/x.py"]
    code = {"a/unroll.py": "def unroll(): ...\n", "a/b/init_hidden.py": DEFINITION, "b/init_hidden.py": DEFINITION}
    code |= {"run_batch/hw.py": "def run_batch(): ...\n", "other/hw.py": "def run_batch(): ...\n"}
    submission = read_submission(lay(tmp_path, {**dict.fromkeys(junk, DEFINITION), **code}))
    assert [file.name for file in submission.files] == sorted(code, key=lambda name: (name.count("/"), name))
    for name, file in (
        ("unroll", "a/unroll.py"),
        ("init_hidden", "b/init_hidden.py"),
        ("run_batch", "run_batch/hw.py"),
    ):
        found = submission.file_for(name, (name,))
        assert found is not None
        assert submission.location(found) == str(tmp_path / file)
    assert exercises_in(submission, {name: (name,) for name in ("init_hidden", "unroll")}) == ["init_hidden", "unroll"]
    lay(tmp_path, {"hw.py": "from a.unroll import unroll\n"})
    submission = read_submission(tmp_path)
    assert exercises_in(submission, {name: (name,) for name in ("init_hidden", "unroll")}) == ["unroll"]
    found = submission.file_for("unroll", ("unroll",))
    assert found is not None
    assert found.name == "a/unroll.py"


def test_what_lies_in_folders_can_be_too_much(tmp_path: Path) -> None:
    """It is left out then, broken files there are nobody's problem, and what is above is read."""
    large = f"x = '{'x' * 900_000}'\n"
    lay(tmp_path, {"hw.py": DEFINITION, "a/broken.py": "def\n", **{f"b/{n}.py": large for n in range(5)}})
    submission = read_submission(tmp_path)
    assert [file.name for file in submission.files] == ["hw.py", "a/broken.py", "b/0.py", "b/1.py", "b/2.py"]
    assert submission.file_for("init_hidden", ("init_hidden",)) is submission.files[0]
    with pytest.raises(NotHandedIn, match="It does not define `unroll`"):
        file_for(submission, "unroll", ("unroll",))


def test_an_empty_folder_among_others_costs_itself(tmp_path: Path) -> None:
    """What is handed in beside it is graded."""
    (tmp_path / "empty").mkdir()
    (file,) = read_one_of(tmp_path / "empty").files
    assert file.problem.startswith(f"{tmp_path / 'empty'} holds nothing to grade")
    with pytest.raises(UsageError, match="There is no file or folder"):
        read_one_of(tmp_path / "gone.py")


def test_capital_letters_in_a_suffix(tmp_path: Path) -> None:
    """Some systems and people write them so; it is code all the same."""
    (tmp_path / "HW.PY").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "B.IPYNB").write_text(json.dumps({"cells": [cell("y = 2")]}), encoding="utf-8")
    assert [(file.name, [*file.defined]) for file in read_submission(tmp_path).files] == [
        ("B.IPYNB", ["y"]),
        ("HW.PY", ["x"]),
    ]
