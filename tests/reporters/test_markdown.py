"""Markdown: rendered by a parser, in which no text of a submission is anything but code."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from grader.report import Report
from grader.reporters import TO_READ
from grader.reporters.markdown import render
from tests.reporters.reports import ATTACKS, NOTHING, PASSED, UNTIMED, WHOLE, law, report, reports

OURS = re.compile(
    r"Result|(✅|❌|❗|⚠️|➖) ?|: \d+ of \d+|for |What it printed, to begin with:|"
    rf"{re.escape(TO_READ)}|"
    r"The properties give \d+ of \d+ points, and the exercise is worth \d+\.|"
    r"The rest is too long to be shown here; it is in the JSON report\."
)
PLAIN = {"heading", "bullet_list", "list_item", "paragraph"}
HTML = {"<details><summary>The smallest case, to run</summary>\n", "</details>\n"}

WHOLE_AS_TEXT = """\
## Result

- ❗ ` hw.py `: 6 of 15

### ` hw.py `

#### ❌ ` init_hidden `: 6 of 10

- ❌ ` right shape `: 0 of 3
  ```text
  It has shape (2, 3).
  ```

- ❌ ` no copy `: 0 of 1
  ```text
  Your code raised ValueError.
  ```

- ✅ ` flat `: 5 of 5
- ⚠️ ` dtype follows `: 1 of 1
  ```text
  It failed once.
  ```


```text
Looks like: Batch axis first
The state is never batch-first.
Hint: What does each axis count?
```

<details><summary>The smallest case, to run</summary>

for ` right shape `

```python
print(1)
```

</details>

What it printed, to begin with:

```text
hello
```

#### ❗ ` unroll `: 0 of 5

```text
hw.py, line 2 is not Python.
```

- ❗ ` outputs `: 0 of 4
- ➖ ` isolated `: 0 of 1
  ```text
  Not checked.
  ```


For whoever gives the marks to read: no exercise needs this. It costs no points.

```text
hw.py, line 2: ctypes reaches far
```

"""


def tokens(text: str) -> Iterator[Token]:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for token in parser.parse(text):
        yield from token.children or () if token.type == "inline" else [token]


def packed(text: str) -> str:
    return "".join(text.split())


def test_whole_output() -> None:
    """A report of everything at once reads exactly like this."""
    assert render(WHOLE) == WHOLE_AS_TEXT


@UNTIMED
@given(reports)
def test_no_text_of_a_report_is_markup(report: Report) -> None:
    """What is no code is words of ours: no tag, link, image, mention or heading comes from a submission."""
    for token in tokens(render(report)):
        kind = re.sub("_(open|close)$", "", token.type)
        if kind == "text":
            assert OURS.fullmatch(token.content), token.content
        elif kind == "html_block":
            assert token.content in HTML
        else:
            assert kind in PLAIN | {"code_inline", "fence"}, token


@UNTIMED
@given(reports)
def test_every_text_is_there(report: Report) -> None:
    """Names and paths stand in code in the line, messages in blocks of it, and each block ends where it should."""
    shown = list(tokens(render(report)))
    inline = [token.content for token in shown if token.type == "code_inline"]
    blocks = [packed(token.content) for token in shown if token.type == "fence"]
    opened = sum(token.content.startswith("<details>") for token in shown if token.type == "html_block")
    closed = sum(token.content.startswith("</details>") for token in shown if token.type == "html_block")
    assert opened == closed
    for submission in report.submissions:
        assert any(submission.path in each for each in inline)
        for exercise in submission.exercises:
            for each in exercise.properties:
                assert any(each.name in name for name in inline)
                if each.message:
                    assert packed(each.message) in blocks
        if not submission.exercises:
            assert packed(submission.message) in blocks


def test_nothing_passes_that_did_not() -> None:
    """Where nothing could be graded there is no sign of success; where all was right there is no other."""
    assert render(NOTHING) == (
        "## Result\n\n- ❗ ` empty.py `: 0 of 0\n\n### ` empty.py `\n\n```text\nempty.py has no code in it.\n```\n\n"
    )
    assert not {"❌", "❗", "⚠️", "➖"} & set(render(PASSED).split())


def test_a_self_check_has_no_points() -> None:
    """Without a reference no points are shown: the check does not say what an instructor's run will give."""
    assert not re.search(r"\d of \d", render(WHOLE, points=False))


def test_a_summary_is_bounded() -> None:
    """What GitHub would not take is left out, and that is said; the scores of all are there."""
    (submission,) = WHOLE.submissions
    exercise, _ = submission.exercises
    script = "\n".join(["print(1)"] * 1_000)
    long = [law("long", "failed", 1, f"{number}{'x' * 3_000}", script=script) for number in range(200)]
    exercise = dataclasses.replace(exercise, properties=tuple(long))
    many = [dataclasses.replace(submission, path=f"{number}.py", exercises=(exercise,)) for number in range(9)]
    text = render(report(*many))
    assert len(text.encode()) < 1 << 20
    assert text.endswith("\nThe rest is too long to be shown here; it is in the JSON report.\n")
    assert all(f"` {each.path} `" in text for each in many)
    assert "# … 940 lines before these are in the JSON report\n" in text


def test_attacks_are_attacks() -> None:
    """Outside of code the texts of these tests would be markup of every kind that they look for."""
    found = {token.type for attack in ATTACKS for token in tokens(f"a\n\n{attack}\n\nb")}
    assert {"html_block", "image", "link_open", "heading_open", "hr", "blockquote_open", "table_open"} <= found
