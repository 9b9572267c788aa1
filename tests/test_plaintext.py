"""Text from a submission, made harmless to show."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.plaintext import plain_line, plain_name, plain_text, unheeded

HOSTILE = st.text(st.characters(categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs", "Lu", "Lo"]), max_size=30)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("naïve état, 隐藏状态, \N{NO-BREAK SPACE}, 🙂", "naïve état, 隐藏状态, \N{NO-BREAK SPACE}, 🙂"),
        ("one\n\ttwo", "one\n\ttwo"),
        ("one\r\ntwo\rthree", "one\ntwo\\rthree"),
        ("\x1b[2J\x1b]0;owned\x07", r"\x1b[2J\x1b]0;owned\x07"),
        ("\x9b31m\x00\x7f", r"\x9b31m\x00\x7f"),
        ("\u202eexe.\u2066yp", r"\u202eexe.\u2066yp"),
        ("in\u200bvisible \ufeff", r"in\u200bvisible \ufeff"),
        ("\udcff\ud800", r"\udcff\ud800"),
        ("\u2028\u2029\x85", r"\u2028\u2029\x85"),
        ("\ue000\uffff\U000e0041", r"\ue000\uffff\U000e0041"),
        (r"\x1b", r"\x1b"),
    ],
    ids=[
        "what can be seen",
        "lines and tabs",
        "returns",
        "escapes",
        "C1",
        "direction",
        "no width",
        "surrogates",
        "separators",
        "private",
        "written so",
    ],
)
def test_what_can_not_be_seen_is_written_out(text: str, shown: str) -> None:
    """What a terminal or a page would obey, and what nobody would see, stands there as Python writes it."""
    assert plain_text(text) == shown


@given(HOSTILE)
def test_nothing_unseen_is_left(text: str) -> None:
    """Whatever comes in, what goes out is UTF-8 without a control but line ends and tabs; again, it stays as it is."""
    shown = plain_text(text)
    unseen = {char for char in shown if unicodedata.category(char)[0] == "C" or char in "\u2028\u2029"}
    assert unseen <= {"\n", "\t"}
    shown.encode("utf-8")
    assert plain_text(shown) == shown
    assert not set(plain_line(text)) & {"\n", "\t"}


@given(HOSTILE, st.integers(0, 10))
def test_a_bound_is_kept(text: str, most: int) -> None:
    """At most so many characters are kept, and a sign stands where something is left out."""
    bounded = plain_text(text, most)
    assert bounded == (plain_text(text) if len(text) <= most else plain_text(text[:most]) + " …")


def test_a_name_keeps_its_joiners() -> None:
    """Joiners, which names in Persian need, stay; accents are one however they are made; the rest is as in a line."""
    assert plain_name("\u06a9\u200c\u0647 Zoe\u0308\x1b") == "\u06a9\u200c\u0647 Zoë\\x1b"
    assert plain_name("a\nb\u202e") == "a\\nb\\u202e"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::no", r"\::error::no"),
        (
            "a\n\n  \N{NO-BREAK SPACE}\t::set-output name=a::b\n",
            "a\n\n  \N{NO-BREAK SPACE}\t\\::set-output name=a::b\n",
        ),
        ("\x1b[31m  \x1b[1m::stop-commands::x", "\x1b[31m  \x1b[1m\\::stop-commands::x"),
        (":::", r"\:::"),
        ("a ##[error]b ###[group]", r"a #\#[error]b ##\#[group]"),
        ("##vso[task.setvariable]x ##teamcity[x]", r"#\#vso[task.setvariable]x #\#teamcity[x]"),
        ("x[::2]\n | ::1\n# ## [heading]\n: :", "x[::2]\n | ::1\n# ## [heading]\n: :"),
    ],
    ids=["at its beginning", "behind space", "behind colour", "three", "anywhere", "of others", "none"],
)
def test_what_a_ci_system_would_obey_is_disarmed(text: str, shown: str) -> None:
    """A backslash stands in what would be a command in a log; all else is as it was, and once is enough."""
    assert unheeded(text) == shown == unheeded(shown)
