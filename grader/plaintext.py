"""Text from a submission, made harmless to show: nothing that displays it obeys it, and everything in it is seen.

File names, printed output, exception texts and names of classes are chosen by whoever wrote the submission. A report
makes all its text plain when it is made (``report.py``), so that no reporter has to think of it; the command line does
the same with what it says beside a report.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# Control characters; marks that are not seen, among them all that turn the direction of writing; halves of surrogate
# pairs, which are no UTF-8; private and unassigned characters, of which XML knows some not; separators of lines.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_MOST_LISTED = 5  # names
_JOINERS = re.compile("([\u200c\u200d])")  # not seen, and yet part of names in Persian, Hindi and more
_AT_ITS_BEGINNING = re.compile(r"^((?:[^\S\n]|\x1b\[[\d;]*m)*)::", re.MULTILINE)  # behind colours, too
_ANYWHERE = re.compile(r"##(?=\w*\[)")


def plain_text(text: str, most: int | None = None) -> str:
    r"""Text of one or more lines, with what can't be seen in it as Python would write it, such as ``\x1b``.

    Args:
        text: anything.
        most: how many characters of it are kept, where that is bounded; the rest is " …".
    """
    if most is not None and len(text) > most:
        return plain_text(text[:most]) + " …"
    if text.isprintable():
        return text
    return "".join(map(_seen, text.replace("\r\n", "\n")))


def plain_line(text: str, most: int | None = None) -> str:
    """As ``plain_text``, for what is one line wherever it is shown: line ends and tabs are made visible too."""
    return plain_text(text, most).replace("\n", "\\n").replace("\t", "\\t")


def plain_name(text: str) -> str:
    """As ``plain_line``, for names and ids: the same however their accents are made, and joiners in them stay."""
    pieces = _JOINERS.split(unicodedata.normalize("NFC", text))
    return "".join(piece if _JOINERS.fullmatch(piece) else plain_line(piece) for piece in pieces)


def unheeded(text: str) -> str:
    """Lines as they may stand in the log of a CI system: none of them is a command that it would obey.

    GitHub's runners obey a line that begins with ``::``, whatever space is before it; they and others also one with
    ``##[``, ``##vso[`` and the like anywhere in it. A backslash is put into these.
    """
    return _ANYWHERE.sub(r"#\\#", _AT_ITS_BEGINNING.sub(r"\1\\::", text))


def _seen(char: str) -> str:
    if char in "\n\t" or unicodedata.category(char) not in _UNSEEN:
        return char
    return char.encode("unicode_escape").decode("ascii")


def listed(names: Iterable[str]) -> str:
    """Names for a message: the first few of them."""
    names = [plain_line(name, 100) for name in names]
    more = len(names) - _MOST_LISTED
    return ", ".join(names[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
