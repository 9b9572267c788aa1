"""CONTRIBUTING.md: an author who follows it has an exercise that is sound and grades, with little code."""

import re
from pathlib import Path

from grader.course import find_course
from grader.grading import Grader, Options
from grader.scaffolding import write_exercise
from grader.submission import read_submission
from grader.validation import validate

ROOT = Path(__file__).resolve().parents[1]


def files_of_the_author():
    """Every file that the page shows whole, by its path."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = re.findall(
        r"\*\*`((?:exercises|solutions)/last_output/\w+\.py)`\*\*.*?```python\n(.*?)```", page, re.DOTALL
    )
    return {path: re.sub(r"^   ", "", code, flags=re.MULTILINE) for path, code in shown}


def test_the_page_from_nothing_to_graded(tmp_path, server):
    """The steps as they are written, outside this repository: the exercise is sound, and a submission is graded."""
    write_exercise(tmp_path, "last_output")
    files = files_of_the_author()
    assert len(files) == 5
    for path, code in files.items():
        (tmp_path / path).write_text(code, encoding="utf-8")
    grader = Grader(find_course(tmp_path), Options(device="cpu"), server=server)
    assert [(each.what, each.got) for each in validate(grader, ["last_output"]) if not each.sound] == []
    wrong = tmp_path / "homework.py"
    wrong.write_text("def last_output(rnn, inputs):\n    return rnn(inputs)[0].mean(0)\n", encoding="utf-8")
    result = grader.grade_submission(read_submission(wrong)).exercises[0]
    assert (result.status, result.diagnosis) == ("failed", ()), "the mean of all steps is not the first step"
    assert result.score < result.max_score


def test_it_is_little_code():
    """From nothing to graded in fewer than 60 lines of the author's own."""
    lines = [line for code in files_of_the_author().values() for line in code.splitlines() if line.strip()]
    assert len(lines) < 60
