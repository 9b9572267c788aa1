"""An autograder for Gradescope: its two scripts run in a folder laid out as Gradescope's, and write results always."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader import cli
from grader.course import find_course
from grader.packaging import write_autograder
from tests.conftest import ROOT
from tests.reporters.test_gradescope import VALIDATOR
from tests.sources import init_hidden, too_long

SECRET = "ada@university.example"
METADATA = {"users": [{"email": SECRET, "id": 7, "name": "Ada"}], "assignment": {"title": "State"}}
# Python as an image has it, but that pip only writes down what it was asked for
PYTHON = """\
#!/bin/sh
case "$*" in
"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip "*) echo "$@" >> '{log}' ;;
*) exec '{python}' "$@" ;;
esac
"""
NOSY = """\
import json, os
import torch

FOUND = []
for place in {places!r}:
    for folder, _, names in os.walk(place) if os.path.isdir(place) else [(os.path.dirname(place), [], [place])]:
        for name in names:
            try:
                FOUND.append(open(os.path.join(folder, name)).read()[:200])
            except (OSError, UnicodeDecodeError):
                pass

def init_hidden(rnn, batch_size):
    raise ValueError(f"found {{len(FOUND)}} files: {{FOUND}}")
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's course with few cases."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("exercises", "solutions"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    table = folder / "exercises" / "course.toml"
    table.write_text(table.read_text(encoding="utf-8").replace("max_examples = 50", "max_examples = 6"))
    return folder


class Image:
    """A folder as an image of Gradescope has it, with the zip unpacked and ``setup.sh`` run."""

    def __init__(self, folder: Path, course: Path) -> None:
        self.root = folder / "autograder"
        self.pip = folder / "pip.log"
        self._bin = folder / "bin"
        for each in (self.root / "source", self._bin):
            each.mkdir(parents=True)
        version = ".".join(map(str, sys.version_info[:2]))
        for name, text in {
            f"python{version}": PYTHON.format(log=self.pip, python=sys.executable),
            "apt-get": "#!/bin/sh\nexit 0\n",
        }.items():
            (self._bin / name).write_text(text)
            (self._bin / name).chmod(0o755)
        write_autograder(find_course(course), folder / "out.zip", exercises=["init_hidden"], torch_index="cpu builds")
        with zipfile.ZipFile(folder / "out.zip") as archive:
            for entry in archive.infolist():
                unpacked = Path(archive.extract(entry, self.root / "source"))
                unpacked.chmod(entry.external_attr >> 16)
        shutil.copy(self.root / "source" / "run_autograder", self.root)

    def run(self, script: Path) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{self._bin}:{os.environ['PATH']}", "AUTOGRADER_ROOT": str(self.root)}
        return subprocess.run([script], env=environment, capture_output=True, text=True, check=False, timeout=600)

    def grade(self, files: dict[str, str], links: dict[str, Path] | None = None) -> tuple[dict[str, Any], str]:
        """What ``results.json`` says of a submission of these files, and what an instructor sees besides."""
        for name in ("submission", "results"):
            shutil.rmtree(self.root / name, ignore_errors=True)
            (self.root / name).mkdir()
        (self.root / "submission_metadata.json").write_text(json.dumps(METADATA))
        (self.root / "submission_metadata.json").chmod(0o644)
        for name, text in files.items():
            path = self.root / "submission" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for name, to in (links or {}).items():
            (self.root / "submission" / name).symlink_to(to)
        done = self.run(self.root / "run_autograder")
        assert done.returncode == 0
        text = (self.root / "results" / "results.json").read_text(encoding="utf-8")
        assert [path.name for path in (self.root / "results").iterdir()] == ["results.json"]
        data = json.loads(text)
        VALIDATOR.validate(data)
        return data, done.stdout + done.stderr


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory, course: Path) -> Image:
    """An image that is set up."""
    image = Image(tmp_path_factory.mktemp("gradescope"), course)
    done = image.run(image.root / "source" / "setup.sh")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "init_hidden  10 of 10 points" in done.stdout
    return image


@pytest.fixture
def broken(image: Image, tmp_path: Path) -> Image:
    """A copy of the image, to break something in."""
    copy = object.__new__(Image)
    copy.__dict__.update(image.__dict__)
    copy.root = tmp_path / "autograder"
    shutil.copytree(image.root, copy.root)
    return copy


def solution() -> str:
    return (ROOT / "solutions/init_hidden/solution.py").read_text(encoding="utf-8")


def test_setup_installs_what_the_grader_needs(image: Image) -> None:
    """torch comes from the index that was named, the rest from the usual one, in the versions of the packager."""
    lines = image.pip.read_text(encoding="utf-8").splitlines()
    source = image.root / "source"
    pip = "-m pip --disable-pip-version-check --no-cache-dir install"
    assert lines == [
        f"{pip} --index-url cpu builds --constraint {source}/constraints.txt torch",
        f"{pip} --constraint {source}/constraints.txt --requirement {source}/requirements.txt",
    ]
    assert "\ntorch>=" in f"\n{(source / 'requirements.txt').read_text()}"
    constraints = (source / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(line.count("==") == 1 and "+" not in line for line in constraints)
    assert any(line.startswith("torch==") for line in constraints)


def test_solutions_and_answers_are_for_one_user(image: Image) -> None:
    """Where nothing else keeps a submission from solutions, answers and metadata, the rights of the files do."""
    image.grade({"hw.py": "x = 1\n"})
    for name in ("source/course", "cache", "submission", "submission_metadata.json"):
        assert stat.S_IMODE((image.root / name).stat().st_mode) & 0o077 == 0, name
    for path in (image.root / "source" / "course").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert (image.root / "source" / "grader" / "__init__.py").stat().st_mode & stat.S_IROTH


def test_a_right_submission(image: Image) -> None:
    """The reference gets full marks, also in the one folder of a submission; the exit code is that of a success."""
    data, _ = image.grade({"repository/hw.py": solution(), "__MACOSX/._hw.py": "", ".git/config": ""})
    assert (data["score"], len(data["tests"])) == (10, 7)
    assert {test["status"] for test in data["tests"]} == {"passed"}


def test_code_in_capital_letters(image: Image) -> None:
    """Some systems write names so; it is code there, too, as it is for the grader."""
    data, _ = image.grade({"repository/HW.PY": solution()})
    assert (data["score"], len(data["tests"])) == (10, 7)


def test_what_was_not_handed_in(image: Image) -> None:
    """An exercise that is missing has 0 points, and each of its tests says why."""
    data, _ = image.grade({"hw.py": "def init_hiden(rnn, batch_size): ...\n"})
    assert (data["score"], sum(test["max_score"] for test in data["tests"])) == (0, 10)
    assert {test["output"] for test in data["tests"]} == {
        "It does not define `init_hidden`. Is it the `init_hiden` at hw.py, line 1? Then rename it."
    }


def test_a_submission_finds_no_secret(image: Image) -> None:
    """Code that looks for solutions, answers, metadata and results finds none of them, and gains nothing."""
    root = image.root
    places = [str(root / name) for name in ("source/course", "cache", "results", "submission_metadata.json")]
    places.append(os.__file__)  # may be read: the code does find what is not kept from it
    data, said = image.grade({"hw.py": NOSY.format(places=places)})
    assert data["score"] == 0
    told = {test["output"].splitlines()[0] for test in data["tests"]}
    if data["extra_data"]["isolation"] == "weak" and os.geteuid() != 0:
        pytest.skip("nothing protects files here, and nobody else can be become")
    (found,) = (each for each in told if not each.startswith("Not counted: "))
    assert found.startswith("Your code raised ValueError: found 1 files: ")
    assert SECRET not in json.dumps(data) + said


@pytest.mark.parametrize(
    "files",
    [{}, {"notes.txt": "sorry"}, {"a/notes.txt": "", "b/.hw.py": ""}],
    ids=["nothing", "no code", "no code in folders"],
)
def test_nothing_to_grade(image: Image, files: dict[str, str]) -> None:
    """What holds no code gets 0 points and is told what is expected."""
    data, _ = image.grade(files)
    text = "holds nothing to grade: expected .py or .ipynb files in it, or in folders in it."
    assert data["score"] == 0
    assert all(text in test["output"] and test["status"] == "failed" for test in data["tests"]), data


def test_what_python_leaves_beside_code_is_no_folder_of_it(image: Image) -> None:
    """What holds code is found as on every other way in."""
    data, _ = image.grade({"hw/hw.py": solution(), "hw/__pycache__/hw.cpython-312.pyc": "", "__pycache__/x.pyc": ""})
    assert data["score"] == 10


def test_links_lead_to_nothing(image: Image) -> None:
    """A folder or a file that is a link, such as to the solutions, is not graded."""
    solutions = image.root / "source/course/solutions/init_hidden"
    for links, why in (
        ({"mine": solutions}, "holds nothing to grade"),
        ({"hw.py": solutions / "solution.py"}, "hw.py is a symbolic link, and links are not followed"),
    ):
        data, _ = image.grade({}, links)
        assert data["score"] == 0
        assert why in data["tests"][0]["output"]


BROKE = "The autograder broke. This says nothing about your submission; please tell your instructor."
UNFINISHED = (
    "The autograder did not come to an end. This says nothing about your submission; please tell your instructor."
)


def test_a_fault_is_no_verdict(broken: Image) -> None:
    """Where the grader itself breaks, results say so, and the instructor sees what it said."""
    shutil.rmtree(broken.root / "source" / "course" / "exercises")
    data, said = broken.grade({"hw.py": solution()})
    assert (data["score"], data["output"], data["tests"][0]["output"]) == (0, BROKE, BROKE)
    assert data["tests"][0]["status"] == "failed"
    assert "holds no course" in said
    assert said.endswith("run_autograder: the grader ended with exit code 2; what it said stands above\n")


def test_an_image_that_was_not_set_up(broken: Image) -> None:
    """Without Python, or without anything, there are results all the same."""
    shutil.rmtree(broken.root / "venv")
    assert broken.grade({"hw.py": solution()})[0]["output"] == BROKE
    (broken.root / "source" / "settings.sh").unlink()
    data, said = broken.grade({"hw.py": solution()})
    assert data["output"] == UNFINISHED
    assert "no settings.sh" in said


def test_what_takes_too_long(broken: Image) -> None:
    """Before Gradescope would end it and say nothing, grading ends by itself and says why."""
    with (broken.root / "source" / "settings.sh").open("a") as settings:
        settings.write("seconds=0.2\n")
    data, said = broken.grade({"hw.py": solution()})
    assert data["output"] == (
        "Grading did not end within 0.2 seconds. Look for a loop that never ends; if there is none, please tell your "
        "instructor."
    )
    assert "run_autograder: ended after 0.2 seconds" in said


def test_what_hangs_is_cut_off_and_the_rest_counts(broken: Image) -> None:
    """Long before grading would be ended, the submission's time is used up: what passed until then has its points."""
    with (broken.root / "source" / "settings.sh").open("a") as settings:
        settings.write("submission_seconds=8\n")
    data, _ = broken.grade({"hw.py": init_hidden("batch_size >= 64 and time.sleep(900)")})
    assert data["score"] == 9
    assert [test["output"].splitlines()[0] for test in data["tests"] if test["status"] == "failed"] == [
        too_long(
            "hw.py, line 4, in init_hidden",
            limit="the time for this submission was used up; the limit is 8 s, by submission_seconds in course.toml or "
            "--submission-seconds",
        )
    ]


def package(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["package", *arguments], prog_name="grader")


def test_the_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same input gives the same bytes; scripts may be run; of the solutions only those asked for are in it."""
    monkeypatch.chdir(tmp_path)
    course = ("--course", str(ROOT))
    result = package("gradescope", "a.zip", "--exercise", "unroll", "--visibility", "after_published", *course)
    assert result.exit_code == 0, result.output
    assert result.stdout == "Wrote a.zip for unroll. It holds the solutions: give it to no student.\n"
    package("gradescope", "b.zip", "--exercise", "unroll", "--visibility", "after_published", *course)
    assert Path("a.zip").read_bytes() == Path("b.zip").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "b.zip"]
    with zipfile.ZipFile("a.zip") as archive:
        names = set(archive.namelist())
        assert "exercises=(unroll)\nvisibility=after_published\n" in archive.read("settings.sh").decode()
        rights = {name: archive.getinfo(name).external_attr >> 16 for name in names}
    assert {name for name in names if "/" not in name} == {
        *("setup.sh", "run_autograder", "settings.sh", "requirements.txt", "constraints.txt")
    }
    assert {name for name in names if "solutions" in name} == {
        "course/solutions/unroll/solution.py",
        "course/solutions/unroll/misconceptions.py",
    }
    assert {name for name, right in rights.items() if right & 0o111} == {"setup.sh", "run_autograder"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_what_can_not_be_packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is overwritten; a course without solutions and a folder that isn't there are said; nothing is left."""
    monkeypatch.chdir(tmp_path)
    Path("old.zip").write_text("old")
    result = package("gradescope", "old.zip", "--course", str(ROOT))
    assert (result.exit_code, result.stderr) == (
        2,
        "grader: old.zip is there already; nothing was written. Remove it, or say another name.\n",
    )
    for place, why in (("gone/new.zip", "No such file or directory"), ("old.zip/new.zip", "Not a directory")):
        result = package("gradescope", place, "--course", str(ROOT))
        assert (result.exit_code, result.stderr) == (2, f"grader: {place} can't be written: {why}.\n")
    shutil.copytree(ROOT / "exercises", "exercises")
    result = package("gradescope", "new.zip", "--course", ".")
    assert (result.exit_code, result.stderr) == (
        2,
        "grader: The course has no solution for init_hidden, and an autograder needs it: solutions/init_hidden/.\n",
    )
    assert Path("old.zip").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["exercises", "old.zip"]
    result = package("moodle", "new.zip")
    assert result.exit_code == 2
    assert "moodle is not gradescope." in result.stderr
