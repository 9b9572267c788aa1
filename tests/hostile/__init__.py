"""Hostile submissions, small ones, in tables by what they are after.

The numbers are those of the list of attacks that the grader is built against: 1-15 secrets, 16-30 verdicts, 31-38 exit
and files, 39-46 the protocol, 47-57 resources, 58-64 processes, 65-67 the network, 85 texts of exceptions.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from tests.sources import init_hidden

# a secret begins so; submissions spell it in two pieces, so that they don't find their own source
SECRET = "CANARY-"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Something tried by a submission that is right otherwise, while it is imported.

    Attributes:
        numbers: of the attacks.
        code: the body of a function that returns what it got hold of, and raises where it is refused; ``<NAME>``
            stands for something that the test fills in.
        needs: the level of protection from which it is refused; below, the test says what holds there.
    """

    numbers: str
    code: str
    needs: str = "none"

    def source(self) -> str:
        """The submission."""
        return init_hidden(
            before="import array, ctypes, fcntl, gc, glob, re, resource, socket, struct\n"
            "PATTERN = re.compile(b'CAN' + b'ARY-[0-9a-f]+')\n"
            "def found(data): return b' '.join(PATTERN.findall(data)).decode()\n"
            f"def attempt():\n{textwrap.indent(textwrap.dedent(self.code).strip(), '    ')}\n"
            "try: print('got:', attempt(), flush=True)\n"
            "except BaseException as error: print('refused:', type(error).__name__, error, flush=True)"
        )


@dataclass(frozen=True, kw_only=True)
class Cheat:
    """Wrong code that attacks its verdict; ``honest`` is the same code without the attack.

    Attributes:
        numbers: of the attacks.
        source: the submission.
        honest: its twin.
        says: what the report says of it, somewhere in a message.
        exercise: which it is for.
        scores_nothing: whether nothing of it counts, because it tampers with what every run relies on.
    """

    numbers: str
    source: str
    honest: str
    says: str = ""
    exercise: str = "init_hidden"
    scores_nothing: bool = True
