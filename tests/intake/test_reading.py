"""What is taken in of a submission: plain files, once, within bounds; nothing of it runs, hides or hangs anything."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader import files
from grader.errors import SubmissionProblem, UsageError
from grader.files import kind, read_plain_file
from grader.grading import Grader
from grader.intake import reading
from grader.intake.sources import MAX_CELLS, MAX_CODE_BYTES, MAX_NAMES, MAX_NOTEBOOK_BYTES, read_source
from grader.submission import Submission, read_submission
from tests.conftest import ROOT
from tests.sources import init_hidden, messages

SOURCE = "def init_hidden(rnn, batch_size):\n    return None\n"
NO_CELLS = "a.ipynb is not a notebook: it has no list of cells as nbformat describes."


def problems(submission: Submission) -> dict[str, str]:
    return {file.name: file.problem for file in submission.files}


def write(folder: Path, **sources_: str) -> Path:
    """A folder of .py files by their stems."""
    folder.mkdir(exist_ok=True)
    for stem, source in sources_.items():
        (folder / f"{stem}.py").write_text(source, encoding="utf-8")
    return folder


# Kinds of files


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link in a folder is the file's problem, wherever it leads, or nowhere, or to itself; the rest is read."""
    folder = write(tmp_path / "hw", mine=SOURCE)
    outside = write(tmp_path / "other", theirs=SOURCE)
    for name, target in {"out": "../other/theirs.py", "in": "mine.py", "gone": "gone", "loop": "loop.py"}.items():
        (folder / f"{name}.py").symlink_to(target)
    link = "is a symbolic link, and links are not followed; hand in the file itself."
    read = read_submission(folder)
    assert problems(read) == {
        "mine.py": "",
        **{f"{name}.py": f"{name}.py {link}" for name in ("out", "in", "gone", "loop")},
    }
    assert read.sha256 == read_submission(folder / "mine.py").sha256
    (folder / "data").symlink_to(outside)  # what is no code is not looked at
    assert problems(read_submission(folder)) == problems(read)


@pytest.mark.parametrize(
    "target", ["other/theirs.py", "other", "gone", "link.py"], ids=["file", "folder", "gone", "loop"]
)
def test_a_link_given_as_a_submission_is_a_verdict(tmp_path: Path, target: str) -> None:
    """Nobody gets the marks of the file that a link leads to; those graded beside it are graded."""
    write(tmp_path / "other", theirs=SOURCE)
    link = tmp_path / "link.py"
    link.symlink_to(tmp_path / target)
    read = read_submission(link)
    message = "link.py is a symbolic link, and links are not followed; give what it leads to."
    assert (problems(read), read.files[0].defined) == ({"link.py": message}, {})


def test_a_hard_link_is_a_file(tmp_path: Path) -> None:
    """Nothing tells it from the file's other name."""
    folder = write(tmp_path / "hw", one=SOURCE)
    os.link(folder / "one.py", folder / "two.txt")
    os.link(folder / "one.py", tmp_path / "three.py")
    assert problems(read_submission(tmp_path / "three.py")) == {"three.py": ""}


def test_what_is_no_plain_file_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A FIFO nobody writes to, a socket and a device are told as such, and nothing waits for them."""
    folder = write(tmp_path / "hw", mine=SOURCE)
    os.mkfifo(folder / "pipe.py")
    monkeypatch.chdir(folder)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind("sock.py")
        (folder / "folder.py").mkdir()
        assert problems(read_submission(folder)) == {
            "mine.py": "",
            "pipe.py": "pipe.py is a FIFO, not a plain file.",
            "sock.py": "sock.py is a socket, not a plain file.",
        }
    with pytest.raises(SubmissionProblem, match=r"zero\.py is a device, not a plain file\."):
        read_plain_file(Path("/dev/zero"), "zero.py", 100)
    with pytest.raises(UsageError, match=r"pipe\.py is no submission: expected a \.py file"):
        read_submission(folder / "pipe.py")


@pytest.mark.parametrize(
    ("mode", "word"),
    [
        (stat.S_IFREG, ""),
        (stat.S_IFLNK, "a symbolic link"),
        (stat.S_IFIFO, "a FIFO"),
        (stat.S_IFSOCK, "a socket"),
        (stat.S_IFCHR, "a device"),
        (stat.S_IFBLK, "a device"),
        (stat.S_IFDIR, "a folder"),
        (0, ""),
    ],
)
def test_kinds_of_files_in_words(mode: int, word: str) -> None:
    """Every kind but a plain file has a name."""
    assert kind(mode | 0o644) == word


@pytest.mark.parametrize("becomes", ["a link", "a FIFO"])
def test_a_file_that_is_exchanged_meanwhile_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, becomes: str
) -> None:
    """What was a plain file when it was looked at, and is none when it is opened, is not read."""
    path = write(tmp_path, hw=SOURCE) / "hw.py"
    opening = os.open

    def exchange_and_open(path: Path, flags: int) -> int:
        path.unlink()
        if becomes == "a link":
            path.symlink_to("/etc/passwd")
        else:
            os.mkfifo(path)
        return opening(path, flags)

    monkeypatch.setattr(files.os, "open", exchange_and_open)
    with pytest.raises(SubmissionProblem, match=r"hw\.py is a"):
        read_plain_file(path, "hw.py", 100)


def test_a_file_that_grows_is_read_up_to_the_bound(tmp_path: Path) -> None:
    """One byte more than is allowed is enough to know."""
    path = write(tmp_path, hw="x" * 101) / "hw.py"
    with pytest.raises(SubmissionProblem) as caught:
        read_plain_file(path, "hw.py", 100, "Make it smaller.")
    assert str(caught.value) == "hw.py has more than 100 bytes; no more are read. Make it smaller."
    assert len(read_plain_file(path, "hw.py", 101)) == 101


def test_what_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder it is the file's problem; alone it is the caller's, who can change it."""
    folder = write(tmp_path / "hw", mine=SOURCE, secret=SOURCE)
    opening = os.open

    def denied(path: Path, flags: int, *rest: Any, **named: Any) -> int:
        if "secret" in str(path):
            raise PermissionError(13, "Permission denied")
        return opening(path, flags, *rest, **named)

    monkeypatch.setattr(files.os, "open", denied)
    taken = reading.take_in(str(folder), "", lambda what: None)
    assert {each["name"]: each["problem"] for each in taken["files"]} == {
        "mine.py": "",
        "secret.py": "secret.py can't be read: Permission denied.",
    }
    with pytest.raises(UsageError, match=r"secret\.py can't be read: Permission denied\."):
        reading.take_in(str(folder / "secret.py"), "", lambda what: None)


# Names


HOSTILE_NAMES = {
    "escape": ("\x1b[2J.py", r"\x1b[2J.py"),
    "line end": ("a\nb.py", r"a\nb.py"),
    "leading dash": ("--help.py", "--help.py"),
    "direction": ("a\u202e.py", r"a\u202e.py"),
    "no text": ("caf\udce9.py", r"caf\udce9.py"),
    "long": ("a" * 250 + ".py", "a" * 100 + " …"),
    "code": ("x'; import os; #.py", "x'; import os; #.py"),
    "page": ("<script>alert(1)<", None),
}


@pytest.mark.parametrize(("name", "shown"), HOSTILE_NAMES.values(), ids=HOSTILE_NAMES)
def test_any_name_that_a_file_can_have_is_read(tmp_path: Path, name: str, shown: str | None) -> None:
    """The name is kept, to find the file by; in labels it is one line that can be seen."""
    name, shown = (name, shown) if shown is not None else (f"{name}.py", f"{name}.py")
    (tmp_path / name).write_text(SOURCE)
    for path in (tmp_path / name, tmp_path):
        (file,) = read_submission(path).files
        assert (file.name, file.blocks, file.problem) == (name, ((shown, SOURCE),), "")


def test_names_that_differ_in_case_are_two(tmp_path: Path) -> None:
    """Where a file system has both, both are read, and what they both define is defined twice."""
    write(tmp_path, hw=SOURCE, HW=SOURCE)
    names = [file.name for file in read_submission(tmp_path).files]
    assert names in (["HW.py", "hw.py"], ["HW.py"], ["hw.py"])  # the latter where case makes no difference


def test_hidden_files_are_not_the_students(tmp_path: Path) -> None:
    """What systems and editors leave beside the code is passed over silently, folders too."""
    write(tmp_path, hw=SOURCE)
    for name in ("._hw.py", ".hw.py", ".#hw.py"):
        (tmp_path / name).write_bytes(b"\0\xff")
    for folder in ("__MACOSX", ".git", "__pycache__", ".ipynb_checkpoints"):
        write(tmp_path / folder, hw=SOURCE)
    assert problems(read_submission(tmp_path)) == {"hw.py": ""}


# How much


def test_a_folder_has_so_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many files of code, or of any kind, are the submission's problem, in a message of one line."""
    write(tmp_path, **{f"a{i}": SOURCE for i in range(6)})
    monkeypatch.setattr(reading, "MAX_FILES", 5)
    with pytest.raises(SubmissionProblem, match=r"holds more than 5 \.py and \.ipynb files; hand"):
        reading.take_in(str(tmp_path), "", lambda what: None)
    monkeypatch.setattr(reading, "MAX_ENTRIES", 5)
    with pytest.raises(SubmissionProblem, match="holds more than 5 files; hand in your code only"):
        reading.take_in(str(tmp_path), "", lambda what: None)
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MAX_BYTES", len(SOURCE))
    with pytest.raises(SubmissionProblem, match="Its files have more than 50 bytes together"):
        reading.take_in(str(tmp_path), "", lambda what: None)


def test_a_folder_has_so_much_code(tmp_path: Path) -> None:
    """More code than a worker is sent is the submission's problem; a single file may have a third of it."""
    write(tmp_path, **dict.fromkeys("abcd", "#" * (MAX_CODE_BYTES - 100) + "\nx = 1\n"))
    assert problems(read_submission(tmp_path / "a.py")) == {"a.py": ""}
    message = f"There are more than {reading.MAX_CODE_AS_JSON:,} bytes of code in it; no more are run."
    assert list(problems(read_submission(tmp_path)).values()) == [message]


def test_of_many_problems_the_first_are_told(tmp_path: Path, small_grader: Grader) -> None:
    """A folder of broken files gets a message that can be read."""
    write(tmp_path, **{f"a{i}": "(" for i in range(9)})
    result = small_grader.grade_submission(read_submission(tmp_path), ["init_hidden"])
    assert messages(result.exercises[0]) == [
        " ".join(f"a{i}.py, line 1 is not Python ('(' was never closed): (" for i in range(5))
        + " So it is with 4 more files."
    ]


TOO_LARGE = {
    "code": ("hw.py", b"#" * (MAX_CODE_BYTES + 1), f"hw.py has more than {MAX_CODE_BYTES:,} bytes; no more are read."),
    "notebook": (
        "a.ipynb",
        b" " * (MAX_NOTEBOOK_BYTES + 1),
        f"a.ipynb has more than {MAX_NOTEBOOK_BYTES:,} bytes; no more are read. Clear its outputs and save it.",
    ),
}


@pytest.mark.parametrize(("name", "content", "message"), TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_large_file_is_not_read(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """A file over its bound says so, and what to do."""
    (tmp_path / name).write_bytes(content)
    assert problems(read_submission(tmp_path / name)) == {name: message}


def test_so_many_names_are_enough() -> None:
    """A file that defines thousands of names is no homework."""
    source = "\n".join(f"a{i} = 1" for i in range(MAX_NAMES + 1)).encode()
    assert (
        read_source("hw.py", source).problem
        == f"hw.py defines {MAX_NAMES + 1:,} names; at most {MAX_NAMES:,} are read."
    )


ENDLESS = {
    "time": ("CPU_SECONDS", 1, "\n".join(["!ls"] * 200_000)),
    "memory": ("MEMORY_BYTES", 200 << 20, "a=1;" * 200_000),
}


@pytest.mark.parametrize(("bound", "most", "source"), ENDLESS.values(), ids=ENDLESS)
def test_what_takes_too_much_to_parse_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, most: int, source: str
) -> None:
    """Source that takes the parser minutes or gigabytes takes them from a process that is ended; the grader goes on."""
    monkeypatch.setattr(f"grader.intake.apart.{bound}", most)
    (tmp_path / "hw.ipynb").write_text(a_notebook(source), encoding="utf-8")
    (problem,) = problems(read_submission(tmp_path / "hw.ipynb")).values()
    assert problem in (
        "hw.ipynb can't be read: it takes more time or memory than anything of its kind should.",
        "hw.ipynb, cell 1 can't be read as Python: nested too deeply.",  # the parser's own word for no more memory
    )


# Encodings


BEFORE = "hw.py says that its encoding is"
ENCODINGS = {
    "utf-7 cookie": ("# coding: utf-7\nx = 1", f"{BEFORE} utf-7; save it as UTF-8 and take that line out."),
    "cookie of escapes": (
        "# vim: set fileencoding=unicode_escape :\nx = 1",
        f"{BEFORE} unicode-escape; save it as UTF-8 and take that line out.",
    ),
    "cookie on line 2": ("#!\n#coding=rot13\nx = 1", f"{BEFORE} rot-13; save it as UTF-8 and take that line out."),
    "no such cookie": (
        "# coding: klingon\nx = 1",
        "hw.py names an encoding that there is not; save it as UTF-8 without that line.",
    ),
    "cookie on line 3": ("#\n#\n# coding: utf-7\nx = 1", ""),
    "mark and cookie": ("\ufeff# coding: utf-8\nx = 1", ""),
    "form feed": ("\f\nx = 1\n\fy = 2", ""),
    "null": ("x = 1\0", "hw.py can't be read as Python: null bytes (line 1); save it as UTF-8."),
    "UTF-16 without its mark": (
        "x = 1".encode("utf-16-le").decode(),
        "hw.py can't be read as Python: null bytes (line 1); save it as UTF-8.",
    ),
}


@pytest.mark.parametrize(("source", "message"), ENCODINGS.values(), ids=ENCODINGS)
def test_a_file_is_what_it_looks_like(source: str, message: str) -> None:
    """No line of a file makes another program of it than the one that is seen in it."""
    assert read_source("hw.py", source.encode()).problem == message


# Notebooks


def a_notebook(*cells: Any, **more: Any) -> str:
    listed = [cell if not isinstance(cell, str) else code(cell) for cell in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": listed, **more})


def code(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, **more}


NOTEBOOKS = {
    "kernelspec of a command": a_notebook(
        SOURCE, metadata={"kernelspec": {"name": "x", "argv": ["touch", "owned"], "language": "python"}}
    ),
    "metadata of a notebook that is none": a_notebook(SOURCE, metadata=[1, 2]),
    "doubled ids": a_notebook(code(SOURCE, id="a"), code("x = 1", id="a")),
    "ids that are none": a_notebook(code(SOURCE, id=["\x1b"]), code("x = 1", id=None)),
    "outputs and attachments": a_notebook(
        code(SOURCE, outputs=[{"data": {"image/png": "A" * 1_000_000}}], attachments={"x": {"y": "B" * 1_000_000}})
    ),
    "nbformat 2": json.dumps({"nbformat": 2, "worksheets": [{"cells": [{"cell_type": "code", "input": SOURCE}]}]}),
    "nbformat 99": a_notebook(SOURCE, nbformat=99),
    "nbformat of no number": a_notebook(SOURCE, nbformat={"x": []}),
    "cells of unknown kinds": a_notebook({"cell_type": "video"}, SOURCE),
    "magics": a_notebook(
        "!touch owned\n%run evil.py\nget = %env HOME\n" + SOURCE, "%%bash\ntouch owned", "%%script x\n"
    ),
}


@pytest.mark.parametrize("text", NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_of_a_notebook_only_code_is_read(text: str) -> None:
    """Whatever else it holds or lacks changes nothing of its code."""
    file = read_source("a.ipynb", text.encode())
    assert (file.problem, "init_hidden" in file.defined) == ("", True)
    assert not any(word in source for _, source in file.blocks for word in ("touch", "%", "!"))


NO_NOTEBOOKS = {
    "cells that are none": a_notebook(["x = 1"]),
    "cells of numbers": a_notebook(1, 2),
    "cells in a dict": json.dumps({"cells": {"cell_type": "code"}}),
    "metadata of a cell that is none": a_notebook(code("x = 1", metadata=[])),
    "tags in a text": a_notebook(code("x = 1", metadata={"tags": "no-skip-grading"})),
    "source of lists": a_notebook(code([["x = 1"]])),
    "source in a dict": a_notebook(code({"x = 1": 1})),
    "source of numbers": a_notebook(code([1, 2])),
    "no source": a_notebook({"cell_type": "code", "metadata": {}}),
    "nested": '{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "nested dicts": '{"cells": ' * 100_000,
}


@pytest.mark.parametrize("text", NO_NOTEBOOKS.values(), ids=NO_NOTEBOOKS)
def test_what_is_no_notebook_says_so(text: str) -> None:
    """Whatever stands where nbformat has something else is one message."""
    assert read_source("a.ipynb", text.encode()).problem == NO_CELLS


MUCH = {
    "cells": (
        a_notebook(*["x = 1"] * (MAX_CELLS + 1)),
        f"a.ipynb has more than {MAX_CELLS:,} code cells; no more are read.",
    ),
    "code": (
        a_notebook(*["#" * 100_000] * 11),
        f"a.ipynb has more than {MAX_CODE_BYTES:,} characters of code; no more are read.",
    ),
    "digits": ('{"nbformat": ' + "9" * 5_000 + "}", None),
    "half a pair": (a_notebook("x = '\ud800'"), None),
}


@pytest.mark.parametrize(("text", "message"), MUCH.values(), ids=MUCH)
def test_a_notebook_has_its_bounds(text: str, message: str | None) -> None:
    """Too much of anything, and what no text can hold, is a problem of the file."""
    problem = read_source("a.ipynb", text.encode()).problem
    assert problem == message if message else problem.startswith("a.ipynb")


def test_a_notebook_runs_without_a_kernel(small_grader: Grader, tmp_path: Path) -> None:
    """No kernel is started, no command run, and what asks for IPython fails in its own cell only."""
    owned = tmp_path / "owned"
    shell = f"!touch {owned}\n%%bash\ntouch {owned}"
    text = a_notebook(
        shell,
        f"%%bash\ntouch {owned}",
        "get_ipython().system('touch owned')",
        init_hidden(),
        metadata={"kernelspec": {"argv": ["touch", str(owned)], "name": "python3"}},
    )
    path = tmp_path / "a.ipynb"
    path.write_text(text, encoding="utf-8")
    result = small_grader.grade_submission(read_submission(path), ["init_hidden"])
    assert (result.status, result.score) == ("passed", 10)
    assert not owned.exists()


# Files beside it


TRAPS = (
    *("conftest", "sitecustomize", "usercustomize", "torch", "numpy", "click", "hypothesis", "json", "ast", "grader"),
    *("safetensors", "submission", "tests"),
)


@pytest.mark.parametrize("start", [("-P", "-c", "from grader.cli import main; main()"), ("-m", "grader")])
def test_files_beside_it_are_modules_of_the_submission_and_nothing_else(tmp_path: Path, start: tuple[str, ...]) -> None:
    """Whatever lies in the folder that is graded, and that the grader is started in, hides nothing that is installed,
    and runs only where the submission imports it; helpers may be called drive.py and solution.py."""
    mark = tmp_path / "mark"
    folder = write(
        tmp_path / "hw",
        **dict.fromkeys(TRAPS, f"open({str(mark)!r}, 'a').write(__file__)\n"),
        drive="ONE = 1\n",
        solution="from drive import ONE\nTWO = ONE + 1\n",
        hw=init_hidden(before="import json, numpy\nfrom solution import TWO\nassert TWO == 2 and numpy.ones"),
    )
    (folder / "evil.pth").write_text(f"import os; open({str(mark)!r}, 'w')\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p evil\n")
    command = [sys.executable, *start, "grade", ".", "-e", "init_hidden", "--max-examples", "4", "--device", "cpu"]
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "GRADER_COURSE": str(ROOT),
        "GRADER_CACHE_DIR": str(tmp_path / "cache"),
    }
    if start[0] == "-m":
        (folder / "grader.py").unlink()  # which Python would take before anything of ours runs
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "10 of 10 points" in done.stdout
    assert not mark.exists()
