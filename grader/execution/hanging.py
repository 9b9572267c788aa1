"""Says where a submission hangs.

How it works: Python writes down which lines a process runs when a signal comes (``faulthandler``), however busy it is.
One look would name any line of an endless loop. So it is looked several times, and what the looks have in common is
the place: the innermost function that all of them are in, and there the loop around all lines that were seen. What
comes is a submission's to forge, as all that it prints; it names lines of its own and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

_FRAME = re.compile(r'^  File "(.{1,500})", line (\d{1,7}) in ([\w<>.]{1,80})$', re.ASCII | re.MULTILINE)
_MOST_FRAMES = 100  # of one look, as Python writes


class Place(NamedTuple):
    """A line of a submission; ``line`` is ``None`` where no single one can be named."""

    file: str
    line: int | None
    function: str


def place_of(looks: Sequence[bytes], sources: Mapping[str, str]) -> Place | None:
    """The place that a submission doesn't get past.

    Args:
        looks: what Python wrote, each time.
        sources: the submission's own files, by the names that stand in frames.

    Returns:
        The place, or ``None`` where none of its lines was seen.
    """
    stacks = [stack for stack in (_stack(look, sources) for look in looks) if stack]
    found: Place | None = None
    for frames in zip(*stacks, strict=False):
        if len({(frame.file, frame.function) for frame in frames}) > 1:
            break
        seen = {frame.line for frame in frames if frame.line is not None}
        found = frames[0]._replace(line=_line_of(seen, sources[frames[0].file].splitlines()))
        if len(seen) > 1:
            break
    return found


def _stack(look: bytes, sources: Mapping[str, str]) -> list[Place]:
    """The submission's own frames, the outermost first."""
    frames = _FRAME.findall(look.decode("ascii", "replace"))[:_MOST_FRAMES]
    spelled = {name.encode("ascii", "backslashreplace").decode(): name for name in sources}
    return [Place(spelled[file], int(line), function) for file, line, function in frames if file in spelled][::-1]


def _line_of(seen: set[int], lines: Sequence[str]) -> int | None:
    """The one line, or the head of the loop around all of them. A ``while`` around one line is meant, too."""
    around = [dict(_around(number, lines)) for number in seen]
    common = [number for number in around[0] if all(number in each for each in around)]
    for loop in ("while ", "for "):
        heads = [number for number in common if around[0][number].startswith((loop, f"async {loop}"))]
        if heads:
            return heads[0]
        if len(seen) == 1:
            return next(iter(seen))
    return None


def _around(number: int, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """A line and the heads of the blocks that it stands in, the innermost first, up to its function."""
    indent: int | None = None
    for each in range(min(number, len(lines)), 0, -1):
        text = lines[each - 1].expandtabs(8)
        statement = text.lstrip()
        if not statement or statement.startswith("#"):
            continue
        if indent is None or len(text) - len(statement) < indent:
            indent = len(text) - len(statement)
            yield each, statement
            if statement.startswith(("def ", "async def ", "class ")):
                return
