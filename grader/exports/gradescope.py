"""The CSV that Gradescope gives as "Download Grades" of a course: a row a student, four columns an exercise.

The columns are First Name, Last Name, SID, Email, Sections, and for each assignment its name, Max Points, Submission
Time and Lateness (H:M:S). Gradescope itself does not take such a file back; programs that read its downloads do.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from grader.exports.sheet import Export, Sheet, names_of, table
from grader.policy import Counted, Final, decimal


def render(sheet: Sheet) -> Export:
    """Points are after the penalty; of what was not handed in, the cells are empty."""
    header = ["First Name", "Last Name", "SID", "Email", "Sections"]
    for name in sheet.exercises:
        header += [name, f"{name} - Max Points", f"{name} - Submission Time", f"{name} - Lateness (H:M:S)"]
    return Export(text=table([header, *(_row(sheet, final) for final in sheet.finals)]))


def _row(sheet: Sheet, final: Final) -> Iterator[object]:
    yield from (*names_of(final), final.student, final.email, "")
    for each in final.counted:
        handed_in = each.mark.handed_in if each.mark else None
        yield decimal(each.points, each.max_points) if each.mark else ""
        yield decimal(each.max_points)
        yield handed_in.strftime("%Y-%m-%d %H:%M:%S %z") if handed_in else ""
        yield _lateness(sheet, each) if each.mark else ""


def _lateness(sheet: Sheet, counted: Counted) -> str:
    """To the second where times are known, else whole days."""
    late = timedelta(days=counted.days_late)
    if counted.days_late and sheet.due is not None and counted.mark is not None and counted.mark.handed_in is not None:
        late = max(counted.mark.handed_in - sheet.due, timedelta(0))
    minutes, seconds = divmod(int(late.total_seconds()), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
