"""Each format as a whole text, for a small cohort with a late student."""

from __future__ import annotations

import json
from dataclasses import replace

from grader.exports import gradescope, nbgrader, spreadsheet, whole
from grader.policy import Policy
from tests.exports.sheets import MARKS, rows, sheet

HOW = (
    "unroll: 8 of 10; generate: 20 of 20; in all 28.00 of 30.00",
    "unroll: 10 of 10, 2 days late: -2.00; generate: 0 of 20, nothing handed in; in all 8.00 of 30.00",
)


def test_the_spreadsheet() -> None:
    """A row a student: what each exercise gives, its status and attempt, the sum, how it came about, what to read."""
    remarks = [{"where": f"hw.py, line {number}", "what": what} for number, what in enumerate(("ctypes", "exec") * 2)]
    marks = [*MARKS[:2], replace(MARKS[2], report={"remarks": remarks})]
    assert spreadsheet.render(sheet(marks)).text == (
        "student,name,email,"
        "unroll,unroll max,unroll raw,unroll status,unroll attempt,unroll days late,"
        "generate,generate max,generate raw,generate status,generate attempt,generate days late,"
        "raw,points,max,passed,days late,how,to read\n"
        '1044,"Lovelace, Ada",ada@example.edu,8.00,10.00,8.00,failed,1,0,20.00,20.00,20.00,passed,1,0,'
        f"28.00,28.00,30.00,yes,0,{HOW[0]},\n"
        "1045,Ben Hur,ben@example.edu,8.00,10.00,10.00,passed,1,2,0.00,20.00,0.00,missing,,0,"
        f'10.00,8.00,30.00,no,2,"{HOW[1]}","ctypes, exec"\n'
    )


def test_the_spreadsheet_with_properties() -> None:
    """Each property gets its raw points and its status; who has none of it is told as missing."""
    header, ada, ben = rows(spreadsheet.render(sheet(per="property")).text)
    laws = [header.index(name) for name in header if ": " in name]
    assert [header[at] for at in laws] == [
        "unroll: equal to the reference",
        "unroll: equal to the reference status",
        "unroll: isolated",
        "unroll: isolated status",
    ]
    assert [ada[at] for at in laws] == ["3.00", "failed", "5.00", "passed"]
    assert [ben[at] for at in laws] == ["", "missing", "", "missing"]


def test_nbgrader() -> None:
    """A row for each exercise and student, as nbgrader writes it."""
    due = "2026-11-21 22:59:00.000000"
    assert nbgrader.render(sheet()).text == (
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,"
        "raw_score,late_submission_penalty,score,max_score\n"
        f"unroll,{due},2026-11-21 21:59:00.000000,1044,Lovelace,Ada,ada@example.edu,8.00,0.00,8.00,10.00\n"
        f"unroll,{due},2026-11-23 00:59:05.000000,1045,Hur,Ben,ben@example.edu,10.00,2.00,8.00,10.00\n"
        f"generate,{due},{due},1044,Lovelace,Ada,ada@example.edu,20.00,0.00,20.00,20.00\n"
        f"generate,{due},,1045,Hur,Ben,ben@example.edu,0.00,0.00,0.00,20.00\n"
    )


def test_gradescope() -> None:
    """Four columns an exercise; lateness to the second where the time is known, else in days."""
    assert gradescope.render(sheet()).text == (
        "First Name,Last Name,SID,Email,Sections,"
        "unroll,unroll - Max Points,unroll - Submission Time,unroll - Lateness (H:M:S),"
        "generate,generate - Max Points,generate - Submission Time,generate - Lateness (H:M:S)\n"
        "Ada,Lovelace,1044,ada@example.edu,,"
        "8.00,10.00,2026-11-21 21:59:00 +0000,00:00:00,20.00,20.00,2026-11-21 22:59:00 +0000,00:00:00\n"
        "Ben,Hur,1045,ben@example.edu,,8.00,10.00,2026-11-23 00:59:05 +0000,26:00:05,,20.00,,\n"
    )
    unknown = [replace(MARKS[2], handed_in=None)]
    assert rows(gradescope.render(sheet(unknown)).text)[1][-1] == "24:00:00"


def test_json_holds_everything() -> None:
    """What each has, how it came about, and each attempt with its whole report; no tag of a page in it."""
    marks = [replace(MARKS[0], attempt=2, score=2, report={"name": "unroll", "message": "</script>"}), *MARKS]
    text = whole.render(sheet(marks, Policy(drop_lowest=1))).text
    assert "<" not in text
    data = json.loads(text)
    assert (data["format_version"], data["due"]) == (1, None)
    ada = data["students"][0]
    assert {key: ada[key] for key in ("student", "name", "points", "max_points", "passed")} == {
        "student": "1044",
        "name": "Lovelace, Ada",
        "points": 20.0,
        "max_points": 20.0,
        "passed": True,
    }
    unroll = ada["exercises"][0]
    assert {key: value for key, value in unroll.items() if key != "attempts"} == {
        "exercise": "unroll",
        "status": "failed",
        "raw": 8,
        "penalty": 0.0,
        "points": 8.0,
        "max_points": 10,
        "weight": 1.0,
        "days_late": 0,
        "dropped": True,
        "attempt": 1,
    }
    assert [(each["attempt"], each["report"]) for each in unroll["attempts"]] == [
        (2, {"name": "unroll", "message": "</script>"}),
        (1, {}),
    ]
