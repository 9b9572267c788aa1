"""Cells that no spreadsheet computes, whatever a student's text is."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.exports.sheet import cell, names_of, table
from grader.policy import finals
from tests.exports.sheets import MARKS, Policy, rows

SIGNS = "=+-@＝＋－＠﹢﹣−"
BEFORE = " \t\r\n\u00a0\u3000\"'“”‘’„«»`\u200c\u200d\ufeff\x00"
_DROPPED = BEFORE.replace("'", "")
HOSTILE = st.text(st.sampled_from(SIGNS + BEFORE + ",;|cmd!A1()7.e") | st.characters())


def computes(text: str) -> bool:
    """Whether some program may take a cell for a formula: one that drops spaces, double quotes and what can't be seen.

    An apostrophe before it makes it a text; numbers, and a sign alone, are no formulas.
    """
    seen = "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Cc")).strip(_DROPPED)
    try:
        float(seen.replace(",", ""))
    except ValueError:
        return seen[:1] in set(SIGNS) and seen != "-"
    return False


@given(HOSTILE)
@example("=1+1")
@example("\t=1")
@example(' " =1')
@example("＝1+1")
@example("a;=1+1")
@example("-2+3+cmd|' /C calc'!A0")
@example("\u200d=1")
@example("\r=1")
@example("+1e5")
def test_no_cell_is_a_formula(text: str) -> None:
    """However a program splits the file into cells, no cell begins with what computes."""
    written = table([["1.00", text, "2.00"]])
    assert rows(written)[0][::2] == ["1.00", "2.00"]
    assert len(rows(written)) == 1
    for delimiter in ",;|":
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter, quoting=quoting):
                assert not any(map(computes, row)), row


CELLS = {
    "formula": ("=1+1", "'=1+1"),
    "after a space": (" @SUM(A1)", "' @SUM(A1)"),
    "after a quote": ('"=1', "'\"=1"),
    "full width": ("＝1", "'＝1"),
    "tab": ("\t=1", "\\t=1"),
    "number": ("-1.50", "-1.50"),
    "sum": ("-1-1", "'-1-1"),
    "no date": ("-", "-"),
    "a name": ("O'Hara-Smith, Zoë 🦊", "O'Hara-Smith, Zoë 🦊"),
    "an address": ("a+b@example.edu", "a+b@example.edu"),
    "an escape": ("a\x1b[2J", "a\\x1b[2J"),
    "a joiner": ("ک\u200cه", "ک\u200cه"),
    "a number of ours": (7, "7"),
}


@pytest.mark.parametrize(("value", "written"), CELLS.values(), ids=CELLS)
def test_cells_keep_what_is_harmless(value: object, written: str) -> None:
    """Only what would be computed gets an apostrophe; names, addresses and numbers stay."""
    assert cell(value) == written


NAMES = {
    "Lovelace, Ada": ("Ada", "Lovelace"),
    "Ada Lovelace": ("Ada", "Lovelace"),
    "Maria da Silva": ("Maria da", "Silva"),
    "Zeno": ("", "Zeno"),
    "": ("", ""),
}


@pytest.mark.parametrize(("name", "parts"), NAMES.items(), ids=[name or "none" for name in NAMES])
def test_names_are_taken_apart(name: str, parts: tuple[str, str]) -> None:
    """A comma tells the last name; without one it is the last word."""
    (final,) = finals([type(MARKS[0])(name=name)], Policy(), weights={}, pass_mark=0.5)
    assert names_of(final) == parts
