"""The grading worksheet of a Moodle assignment: a row a participant, one grade, and feedback.

The columns are those that Moodle writes (``mod/assign/gradingtable.php``) and takes back
(``mod/assign/feedback/offline/importgradeslib.php``): it finds participants by Identifier, wants Grade and Last
modified (grade), takes no grade above Maximum Grade, and leaves alone who has no row. With the worksheet that Moodle
gives, the rows of students who have marks are filled in; without it, the ids have to be the participants' numbers, as
they are in its submissions.
"""

from __future__ import annotations

import html
import re
from fractions import Fraction

from grader.errors import UsageError
from grader.exports.matching import matched
from grader.exports.sheet import Export, Sheet, scaled, table
from grader.plaintext import listed, plain_name
from grader.policy import Final, decimal

_ID, _NAME, _GRADE, _MOST = "Identifier", "Full name", "Grade", "Maximum Grade"
_FEEDBACK = "Feedback comments"
_COLUMNS = (
    *(_ID, _NAME, "Email address", "Status", _GRADE, _MOST, "Grade can be changed"),
    *("Last modified (submission)", "Last modified (grade)", _FEEDBACK),
)
_KEYS = ("Email address", "ID number", "Username")


def render(sheet: Sheet) -> Export:
    """The grade is the sum; the feedback says how it came about.

    Raises:
        UsageError: the table is no grading worksheet; or there is none, and an id can be no participant's number.
    """
    if sheet.platform is not None:
        return _filled_in(sheet, *sheet.platform)
    if others := [final.student for final in sheet.finals if not re.fullmatch(r"[0-9]+", final.student)]:
        raise UsageError(
            f"Moodle finds participants by their numbers, and these ids are none: {listed(others)}. Give the grading "
            "worksheet that Moodle gives: --roster FILE"
        )
    rows = [
        (
            *(f"Participant {final.student}", final.name, final.email, ""),
            *(decimal(final.points, final.max_points), decimal(final.max_points), "Yes", "-"),
            max(each.mark.graded_at for each in final.counted if each.mark).isoformat(" ", "seconds"),
            _feedback(final),
        )
        for final in sheet.finals
    ]
    note = (
        "Ids are taken for participants' numbers. If they are others, give the worksheet that Moodle gives: --roster."
    )
    return Export(text=table([_COLUMNS, *rows]), notes=(note,))


def _filled_in(sheet: Sheet, name: str, rows: list[list[str]]) -> Export:
    header = [cell.strip() for cell in rows[0]]
    if not {_ID, _GRADE} <= set(header):
        raise UsageError(
            f"{name} is no grading worksheet of Moodle: expected the columns {_ID} and {_GRADE} in its first line. "
            "Set Moodle to English before you download it, and before you upload it."
        )
    rows = [[*row, *[""] * (len(header) - len(row))] for row in rows[1:]]
    places = [header.index(each) for each in _KEYS if each in header]
    at_id, at_grade = header.index(_ID), header.index(_GRADE)
    keys = {at: [_number(row[at_id]), *(row[place] for place in places)] for at, row in enumerate(rows)}
    by_row, notes = matched(sheet.finals, keys, name)
    told = set()
    strangers = []
    for at, final in sorted(by_row.items()):
        if _NAME in header and keys[at][0] == final.student and _differ(rows[at][header.index(_NAME)], final.name):
            del by_row[at]
            strangers.append(final.student)
            continue
        most = _most(rows[at][header.index(_MOST)]) if _MOST in header else None
        rows[at][at_grade] = scaled(final.points, final.max_points, most or final.max_points)
        if most is not None and most != final.max_points:
            told.add(
                f"The maximum grade is {decimal(most)} in Moodle, and {decimal(final.max_points)} here; "
                "the grades are brought to that of Moodle."
            )
        if _FEEDBACK in header:
            rows[at][header.index(_FEEDBACK)] = _feedback(final)
    if strangers:
        why = f"the name is another in {name}: a group, perhaps"
        told.add(f"Students whose marks are not exported, for {why}: {listed(strangers)}.")
    return Export(text=table([header, *(rows[at] for at in sorted(by_row))]), notes=(*notes, *sorted(told)))


def _differ(one: str, other: str) -> bool:
    """Whether two names are not one; Moodle leaves signs out of names of files. An unknown name differs from none."""
    letters = ["".join(filter(str.isalnum, plain_name(name))).casefold() for name in (one, other)]
    return all(letters) and letters[0] != letters[1]


def _number(identifier: str) -> str:
    """The number at the end of "Participant 123", in whatever language."""
    found = re.search(r"\d+$", identifier.strip())
    return found[0] if found else identifier


def _most(text: str) -> Fraction | None:
    text = text.strip().replace(",", ".")
    return Fraction(text) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text) and Fraction(text) else None


def _feedback(final: Final) -> str:
    return html.escape(final.how)  # Moodle shows it as a page
