"""Which row of a platform's own table is which student's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.plaintext import listed
from grader.policy import Final


def matched(
    finals: Sequence[Final], keys: Mapping[int, Sequence[str]], table: str
) -> tuple[dict[int, Final], tuple[str, ...]]:
    """Students by rows, and what to tell of those who have none.

    A row is a student's if the id or the address is one of its keys, that of no other row, and of no other student:
    marks in the wrong row are worse than marks that are missing.

    Args:
        finals: the students.
        keys: ids and addresses by row.
        table: its name, for messages.
    """
    rows: dict[str, set[int]] = {}
    for row, values in keys.items():
        for value in values:
            if value.strip():
                rows.setdefault(value.strip().casefold(), set()).add(row)
    found = {final.student: _rows_of(final, rows) for final in finals}
    wanted = [row for their in found.values() for row in their]
    by_row: dict[int, Final] = {}
    missing: list[str] = []
    unclear: list[str] = []
    for final in finals:
        their = found[final.student]
        if len(their) == 1 and wanted.count(min(their)) == 1:
            by_row[min(their)] = final
        else:
            (unclear if their else missing).append(final.student)
    return by_row, (
        *_note(missing, f"not in {table}; their marks are not exported"),
        *_note(unclear, f"in several rows of {table}, or in another's; their marks are not exported"),
    )


def _rows_of(final: Final, rows: Mapping[str, set[int]]) -> set[int]:
    by_id, by_email = (rows.get(value.casefold(), set()) if value else set() for value in (final.student, final.email))
    if len(by_id | by_email) > 1 and len(by_id & by_email) == 1:
        return by_id & by_email
    return by_id | by_email


def _note(students: list[str], why: str) -> tuple[str, ...]:
    return (f"Students who are {why}: {listed(students)}.",) if students else ()
