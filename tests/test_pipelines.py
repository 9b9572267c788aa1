"""What comes along for pipelines: the action runs as a runner would run it, examples and Dockerfile are read."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from tests.conftest import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step.get("name", step.get("uses")): step for step in ACTION["runs"]["steps"]}
BROKEN = "def init_hidden(:\n"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What came of a step."""

    code: int
    log: str
    summary: str
    outputs: dict[str, str]


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache_folder: Path) -> Path:
    """A student's checkout, where the steps run."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GRADER_CACHE_DIR", str(cache_folder))
    monkeypatch.delenv("GRADER_COURSE", raising=False)
    return folder


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def run_step(name: str, folder: Path, **inputs: str) -> Ran:
    """A step of the action as a runner runs it: bash that stops at a failure, expressions filled in beforehand."""
    step = STEPS[name]
    values = {key: str(each.get("default", "")) for key, each in ACTION["inputs"].items()} | inputs

    def filled(match: re.Match[str]) -> str:
        return str(ROOT) if match[1] == "github.action_path" else values[match[1].removeprefix("inputs.")]

    files = {each: folder / each.lower() for each in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    for file in files.values():
        file.touch()
    environment = {
        "PATH": f"{folder}/bin:{os.environ['PATH']}",
        "GRADER_CACHE_DIR": os.environ["GRADER_CACHE_DIR"],
        "RUNNER_TEMP": str(folder),
        **{key: re.sub(r"\$\{\{ (\S+) \}\}", filled, str(value)) for key, value in step["env"].items()},
        **{key: str(file) for key, file in files.items()},
    }
    script = folder / "step.sh"
    script.write_text(step["run"])
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)
    outputs = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
    return Ran(
        code=done.returncode,
        log=done.stdout + done.stderr,
        summary=files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8"),
        outputs=dict(line.split("=", 1) for line in outputs),
    )


def grade(folder: Path, **inputs: str) -> Ran:
    executable(
        folder / "grader/bin/grader",
        f"PYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)} -c "
        f'\'from grader.cli import main; main(prog_name="grader")\' "$@"',
    )
    return run_step("Grade", folder, **inputs)


def test_the_action_is_one() -> None:
    """It is composite; no input is written into a script; all inputs are used, and none that there is not."""
    assert ACTION["runs"]["using"] == "composite"
    for step in STEPS.values():
        assert ("uses" in step) != (step.get("shell") == "bash" and "run" in step)
        assert "${{" not in step.get("run", "")
        assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step.get("uses", "a/b@v1"))
    used = set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", str(ACTION["runs"]["steps"])))
    assert used == ACTION["inputs"].keys()
    assert all(each["description"] for each in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))
    written = set(re.findall(r'echo "([\w-]+)=', STEPS["Grade"]["run"]))
    assert written == ACTION["outputs"].keys()


@pytest.mark.parametrize("index", ["", "https://index.example/cpu"])
def test_the_action_installs_itself(tmp_path: Path, workspace: Path, index: str) -> None:
    """It makes an environment of its own and installs itself into it; no module of the student's is imported."""
    (workspace / "pip.py").write_text("raise SystemExit('the pip of a student')")
    (workspace / "venv.py").write_text("raise SystemExit('the venv of a student')")
    log = tmp_path / "log"
    pip = f'echo "$@" >> {log}'
    executable(tmp_path / "pip", pip)
    executable(
        tmp_path / "bin/python",
        f'echo "$@" >> {log}; mkdir -p "$4/bin"; cp {tmp_path}/pip "$4/bin/python"',
    )
    ran = run_step("Install the grader", tmp_path, **{"torch-index-url": index})
    assert (ran.code, ran.log) == (0, "")
    isolated = "-I -m pip --quiet --disable-pip-version-check install"
    assert log.read_text().splitlines() == [
        f"-I -m venv {tmp_path}/grader",
        *([f"{isolated} --index-url {index} --constraint {ROOT}/constraints.txt torch"] if index else []),
        f"{isolated} --constraint {ROOT}/constraints.txt {ROOT}",
    ]


def test_the_action_grades(tmp_path: Path, workspace: Path) -> None:
    """A submission that falls short is annotated on its lines and summed up; the exit code is the grader's."""
    shutil.copy(ROOT / "tests/submissions/demo/ben.py", workspace)
    ran = grade(tmp_path, submission="ben.py", exercise="init_hidden", args="--max-examples\n6\n--device\ncpu")
    assert ran.code == 1, ran.log
    lines = ran.log.splitlines()
    assert lines[0] == (
        "::error file=ben.py,line=7,title=init_hidden%3A zeros of the right shape::"
        "state (number 1 of 2) has shape (1, 1, 3), expected (2, 1, 3)."
    )
    assert "5 of 10 points: ben.py" in lines
    assert ran.summary.startswith("## Result\n\n- ❌ ` ben.py `: 5 of 10\n")
    assert ran.outputs["exit-code"] == "1"
    assert int(ElementTree.parse(ran.outputs["junit"]).getroot().attrib["failures"]) == 3
    assert Path(ran.outputs["report"]).is_file()


@pytest.mark.parametrize(("fail", "code"), [("true", 1), ("false", 0)])
def test_the_action_may_pass_all_the_same(tmp_path: Path, workspace: Path, fail: str, code: int) -> None:
    """Several submissions are graded, with any names; whether the step fails where they fall short can be chosen."""
    for name in ("a b.py", "$(touch owned).py", "--help.py"):
        (workspace / name).write_text(BROKEN)
    ran = grade(tmp_path, submission="a b.py\n$(touch owned).py\n\n--help.py\n", fail=fail)
    assert (ran.code, ran.outputs["exit-code"]) == (code, "1"), ran.log
    assert ran.log.count("::error ") == 3
    assert not (workspace / "owned").exists()


@pytest.mark.parametrize("fail", ["true", "false"])
def test_the_action_used_wrongly(tmp_path: Path, fail: str) -> None:
    """What is no verdict fails the step in any case, and the summary says that nothing was graded."""
    ran = grade(tmp_path, submission="gone.py", fail=fail)
    assert (ran.code, ran.outputs["exit-code"]) == (2, "2")
    assert ran.summary == "Nothing was graded: the grader ended with exit code 2. The log says why.\n"
    assert "grader: There is no file or folder gone.py." in ran.log


def test_the_workflow_uses_the_action() -> None:
    """The example gives the job no rights but to read, and the action inputs that it has."""
    workflow = yaml.safe_load((ROOT / ".ci/examples/github-workflow.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    steps = workflow["jobs"]["grade"]["steps"]
    (ours,) = (step for step in steps if "grader" in step["uses"])
    required = {name for name, each in ACTION["inputs"].items() if each.get("required")}
    assert required <= ours["with"].keys() <= ACTION["inputs"].keys()
    asked = set(re.findall(r"steps\.grader\.outputs\.([\w-]+)", str(steps)))
    assert asked <= ACTION["outputs"].keys()


def test_the_job_of_gitlab(tmp_path: Path, workspace: Path) -> None:
    """The script of the example writes the JUnit report that the job gives to GitLab, and its exit code is expected."""
    pipeline = yaml.safe_load((ROOT / ".ci/examples/gitlab-ci.yml").read_text(encoding="utf-8"))
    job = pipeline["grade"]
    assert job["image"]["entrypoint"] == [""]  # that of the Dockerfile is the grader itself
    (workspace / pipeline["variables"]["SUBMISSION"]).write_text(BROKEN)
    executable(tmp_path / "bin/grader", f'exec {shlex.quote(sys.executable)} -m grader "$@"')
    environment = {
        "PATH": f"{tmp_path}/bin:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "GRADER_COURSE": str(ROOT),
        "GRADER_CACHE_DIR": os.environ["GRADER_CACHE_DIR"],
        **pipeline["variables"],
    }
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])], env=environment, check=False)
    assert done.returncode == job["allow_failure"]["exit_codes"]
    assert ElementTree.parse(workspace / job["artifacts"]["reports"]["junit"]).getroot().tag == "testsuites"
    for path in job["artifacts"]["paths"]:
        assert (workspace / path).is_file()
    assert job["artifacts"]["when"] == "always"


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.M)).splitlines()
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines if line.strip()]


def test_the_dockerfile() -> None:
    """One base with a version; nothing fetched by ADD; not root at the end; what runs is the grader with its course."""
    made = instructions()
    last = dict(made)
    assert [value for name, value in made if name == "FROM"] == ["python:3.12-slim"]
    assert {name for name, _ in made} <= {"FROM", "RUN", "WORKDIR", "COPY", "ARG", "ENV", "USER", "ENTRYPOINT", "CMD"}
    assert last["USER"] == "grader"
    assert "useradd --create-home grader" in " ".join(value for name, value in made if name == "RUN")
    names = [name for name, _ in made]
    assert "RUN" not in names[names.index("USER") :]
    assert (last["ENTRYPOINT"], last["ENV"]) == ('["grader"]', "GRADER_COURSE=/opt/grader")
    for name, value in made:
        if name == "RUN" and "apt-get install" in value:
            assert "--no-install-recommends" in value
            assert "rm -rf /var/lib/apt/lists/*" in value
        if name == "RUN" and "pip install" in value:
            assert "--no-cache-dir" in value
            assert "--constraint constraints.txt" in value


def test_the_dockerfile_copies_what_it_needs() -> None:
    """What is copied exists and is not ignored; what the build of the package names is there before it is built."""
    copied: set[str] = set()
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for name, value in instructions():
        if name == "COPY":
            *sources, _ = value.split()
            copied.update(sources)
        if name == "RUN" and value.endswith("constraints.txt ."):
            wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
            needed = {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
            assert needed | {*wheel["packages"], *wheel["force-include"]} <= copied
    assert copied >= {"exercises", "solutions", "grader"}
    assert all((ROOT / path).exists() for path in copied)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert copied == {line[1:] for line in ignored if line.startswith("!")}
