"""Levels of protection: tried out with a real worker, with all means and with some left out."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader import protection
from grader.cases import Case
from grader.cli import main
from grader.errors import InternalFault
from grader.execution.limits import Limits
from grader.execution.servers import ForkServer, SpawnServer
from grader.protection import probe
from grader.report import LEVELS, Level, Protection
from tests.builders import PROTECTION
from tests.sources import init_hidden

ALL = ("bubblewrap", "control group", "another user", "Landlock", "seccomp")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a fork server")


@pytest.fixture(scope="module")
def here(server: ForkServer) -> Protection:
    """What this machine can do."""
    return probe(server, Limits())


def unprotected() -> ForkServer:
    return ForkServer(without=ALL)


def what_went_through(found: Protection) -> set[str]:
    return {each.what for each in found.attempts if not each.blocked}


@linux
def test_the_level_is_what_was_tried(here: Protection) -> None:
    """Below the level nothing goes through; what goes through is named with what would help."""
    reached = LEVELS.index(here.level)
    for each in here.attempts:
        assert each.blocked or LEVELS.index(each.needed_for) > reached
        assert (each.improve != "") == (not each.blocked)
        assert each.blocked or not each.by
    if {"Landlock", "seccomp"} <= set(here.means):
        assert here.level in ("good", "strong")


@linux
def test_without_means_a_process_of_its_own_is_left() -> None:
    """With limits only, a submission reads files and reaches the network: that is weak, and said to be."""
    with closing(unprotected()) as server:
        found = probe(server, Limits())
    assert (found.level, found.means) == ("weak", ("limits",))
    assert {"read other files", "write other files", "connect over TCP", "send over UDP", "start processes"} <= (
        what_went_through(found)
    )


@linux
@pytest.mark.parametrize(
    ("without", "open_"),
    [
        (("seccomp", "bubblewrap"), {"send over UDP", "start processes"}),
        (("Landlock", "bubblewrap"), {"read other files", "write other files"}),
        (("Landlock",), {"leave files for the next submission"}),
    ],
    ids=["without seccomp", "without Landlock", "without Landlock alone"],
)
def test_each_means_is_missed(without: tuple[str, ...], open_: set[str]) -> None:
    """What one of the means alone can block goes through without it, and the level falls below good."""
    with closing(ForkServer(without=without)) as server:
        found = probe(server, Limits())
    assert open_ <= what_went_through(found)
    assert found.level == "weak"


@linux
def test_what_is_written_is_seen_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that claims to be kept from everything is not believed where the effect can be seen."""
    liar = (
        "import os, socket\n"
        "def attempts(target):\n"
        "    open(os.path.join(target['folder'], 'written'), 'w').close()\n"
        "    os.chmod(target['file'], 0o600)\n"
        "    socket.create_connection(('127.0.0.1', target['tcp']))\n"
        f"    return dict.fromkeys({[*protection._KINDS]!r}, 'no') | {{'torch': ''}}\n"
    )

    class Source:
        def read_text(self, encoding: str) -> str:
            return liar

    monkeypatch.setattr(protection, "_SOURCE", Source())
    with closing(unprotected()) as server:
        found = probe(server, Limits())
    seen = {"write other files", "change permissions of files", "connect over TCP"}
    assert seen <= what_went_through(found)


def test_a_worker_in_which_torch_does_not_work_is_a_fault_of_the_grader(
    server: ForkServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Protection that torch does not survive would fail every submission: it is said instead."""
    source = tmp_path / "attempts.py"
    source.write_text("def attempts(target): return {'torch': 'RuntimeError: no'}", encoding="ascii")
    monkeypatch.setattr(protection, "_SOURCE", source)
    with pytest.raises(InternalFault, match=r"^torch does not work within the protection of this machine: Runtime"):
        probe(server, Limits())


def test_a_windows_has_no_protection(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are no limits, nothing is tried, and nothing promised."""
    monkeypatch.setattr(protection.sys, "platform", "win32")
    found = probe(server, Limits())
    assert (found.level, found.means) == ("none", ())
    assert not any(each.blocked for each in found.attempts)


@linux
def test_as_on_a_mac(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spawned workers without Landlock, seccomp and a bound on memory: none, and the report says what is open."""
    monkeypatch.setattr("grader.execution.confinement.landlock.abi", lambda: 0)
    with closing(SpawnServer()) as server:
        server.means = ("limits",)
        monkeypatch.setattr(server, "start", _unbounded(server))
        found = probe(server, Limits())
    assert "take more memory than allowed" in what_went_through(found)
    assert found.level == "none"


def _unbounded(server: SpawnServer):
    start = server.start
    return lambda limits, *, bound_memory: start(limits, bound_memory=False)


# The commands


def grader_doctor(monkeypatch: pytest.MonkeyPatch, found: Protection, *arguments: str):
    """The command, on a machine where this was found."""
    monkeypatch.setattr(protection, "probe", lambda server, limits: found)
    return CliRunner().invoke(main, ["doctor", *arguments])


def test_doctor_prints_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """The level, what it is reached by, what was tried, and what would help."""
    done = grader_doctor(monkeypatch, PROTECTION)
    assert done.output == (
        "Protection from submissions: weak\n"
        "By: limits\n"
        "\n"
        "A submission that tries to\n"
        "  ✓ take more memory  can't (limits)\n"
        "  ✗ read other files  can (not with good)\n"
        "\n"
        "To protect this machine better:\n"
        "  - use Landlock\n"
    )
    assert done.exit_code == 0


@pytest.mark.parametrize(("level", "code"), [("weak", 0), ("good", 1), ("strong", 1)])
def test_doctor_requires(monkeypatch: pytest.MonkeyPatch, level: str, code: int) -> None:
    """Below the level that is asked for the exit code is 1."""
    assert grader_doctor(monkeypatch, PROTECTION, "--require", level).exit_code == code


def test_doctor_answers_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """In JSON it is what a report has under ``environment.isolation``."""
    data = json.loads(grader_doctor(monkeypatch, PROTECTION, "--format", "json").output)
    assert (data["level"], data["attempts"][1]["improve"]) == ("weak", "use Landlock")


@linux
def test_doctor_for_real() -> None:
    """The command itself, with a server of its own."""
    done = CliRunner().invoke(main, ["doctor", "--format", "json"])
    assert done.exit_code == 0
    assert json.loads(done.output)["level"] in LEVELS[1:]


@pytest.mark.parametrize(("level", "warns"), [("weak", True), ("good", False)])
def test_grade_warns_where_protection_is_weak(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, level: Level, warns: bool
) -> None:
    """Below good it is said, beside the report, what a submission could do."""
    found = Protection(level=level, means=(), attempts=())
    monkeypatch.setattr("grader.grading.probe", lambda server, limits: found)
    file = tmp_path / "homework.py"
    file.write_text(init_hidden(), encoding="utf-8")
    done = CliRunner().invoke(main, ["grade", str(file), "-e", "init_hidden", "--max-examples", "2", "--device", "cpu"])
    said = "Protection is weak here: a submission could read your files and use the network. See: grader doctor\n"
    assert (done.exit_code, said in done.stderr, said in done.stdout) == (0, warns, False)


def test_grade_refuses_where_nothing_protects(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without any protection no submission is run, unless that is asked for; a check of one's own file always is."""
    none = Protection(level="none", means=(), attempts=PROTECTION.attempts)
    monkeypatch.setattr("grader.grading.probe", lambda server, limits: none)
    file = tmp_path / "homework.py"
    file.write_text(init_hidden(), encoding="utf-8")
    options = ["--exercise", "init_hidden", "--max-examples", "2", "--device", "cpu"]
    refused = CliRunner().invoke(main, ["grade", str(file), *options])
    assert refused.exit_code == 2
    assert "Nothing keeps a submission from your files here, so none is run." in refused.output
    assert "--allow-weak-isolation" in refused.output
    assert CliRunner().invoke(main, ["grade", str(file), *options, "--allow-weak-isolation"]).exit_code == 0
    assert CliRunner().invoke(main, ["check", str(file), *options]).exit_code == 0


@linux
def test_a_report_tells_the_level(tmp_path: Path, here: Protection) -> None:
    """What was found is in the report, with its table."""
    file = tmp_path / "homework.py"
    file.write_text(init_hidden(), encoding="utf-8")
    done = CliRunner().invoke(
        main, ["grade", str(file), "-e", "init_hidden", "--max-examples", "2", "--device", "cpu", "--format", "json"]
    )
    isolation = json.loads(done.stdout)["environment"]["isolation"]
    assert isolation["level"] == here.level
    assert [each["what"] for each in isolation["attempts"]] == [each.what for each in here.attempts]


@linux
def test_a_submission_that_writes_too_much_is_ended(tmp_path: Path) -> None:
    """A flood of files ends the worker, which the report says, and leaves nothing."""
    from grader.execution.bundles import Bundle
    from grader.execution.session import Session

    source = "import os\ndef f(): pass\nfor number in range(10 ** 7): os.close(os.open(f'{number}', os.O_CREAT))\n"
    with closing(ForkServer()) as server:
        bundle = Bundle.of_one_file("submission.py", source)
        with Session(server, bundle=bundle, drive="def drive(*_): pass", names=["f"], limits=Limits()) as session:
            failure = session.load().failure
    assert failure is not None
    assert failure.text == "was ended because it wrote more than 5000 files"
    assert os.path.exists(tmp_path)


@linux
def test_a_submission_with_hundreds_of_threads_leaves_room_for_others(tmp_path: Path) -> None:
    """It takes all processes that there may be: it is ended, and the fork server goes on."""
    from grader.execution.bundles import Bundle
    from grader.execution.session import Session

    source = (
        "import threading, time\nthreading.stack_size(65536)\ndef f(): pass\n"
        "try:\n    for _ in range(2000): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
        "except RuntimeError: pass\n"
    )
    given = {"drive": "def drive(submission, *_): submission.f()", "names": ["f"], "limits": Limits(memory_mb=4096)}
    with closing(ForkServer()) as server:
        one, two = (Bundle.of_one_file("submission.py", each) for each in (source, "def f(): pass\n"))
        with Session(server, bundle=one, **given) as greedy, Session(server, bundle=two, **given) as other:
            greedy.load()
            assert other.load().failure is None
            (trace,) = greedy.run([Case(parts={})])
    assert trace.failure is not None
    assert "threads" in trace.failure.text
    assert os.path.exists(tmp_path)
