"""Makes cohorts: folders with so many students, right and wrong ones mixed, some hostile, some broken."""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from common import ROOT, needs_accelerator, submissions

sys.path.insert(0, str(ROOT))
from tests.hostile import damage, endings, secrets, verdicts

_SEED = 20261121
_WRONG = 0.4  # of what is handed in for an exercise
_NOBODY = "/tmp/nobody"  # for what a hostile submission is after, where a test would put a canary

BROKEN = {
    "an empty file": b"",
    "only a comment": b"# I did not get to it\n",
    "a syntax error": b"def init_hidden(rnn, batch_size)\n    return None\n",
    "indented in two ways": b"def init_hidden(rnn, batch_size):\n    x = 1\n\treturn x\n",
    "another name": b"def init_hiden(rnn, batch_size):\n    return None\n",
    "something that is no function": b"init_hidden = 3\n",
    "another signature": b"def init_hidden():\n    return None\n",
    "a module that is not there": b"import pytorch_helpers\ndef init_hidden(rnn, batch_size):\n    return None\n",
    "raises while imported": b"x = 1 / 0\ndef init_hidden(rnn, batch_size):\n    return None\n",
    "asks for input": b"n = int(input('n? '))\ndef init_hidden(rnn, batch_size):\n    return None\n",
    "recursion without end": b"def init_hidden(rnn, batch_size):\n    return init_hidden(rnn, batch_size)\n",
    "bytes that are no text": bytes(range(256)) * 8,
    "zeros": bytes(4096),
    "another encoding than it says": b"# coding: ascii\nname = '\xe4'\n",
    "nested too deeply": b"x = " + b"(" * 5000 + b")" * 5000 + b"\n",
}


def make_cohort(folder: Path, exercises: Sequence[str], count: int, *, hostile: int = 0, broken: int = 0) -> None:
    """One folder a student with a file for each exercise; the broken ones hand in a single file.

    Each file is made unique by a comment, so that nothing is taken from another's grading. The same numbers give the
    same cohort.
    """
    chance = random.Random(_SEED)
    pool = {
        name: {
            kind: [path for path in submissions(name, kind) if not needs_accelerator(path)]
            for kind in ("right", "wrong")
        }
        for name in exercises
    }
    special = chance.sample(range(count), hostile + broken)
    attacks, faults = _hostile(exercises), list(BROKEN.values())
    for number in range(count):
        student = f"s{number:05}"
        if number in special[hostile:]:
            source = faults[special.index(number) % len(faults)]
            _write(folder / f"{student}.py", source + b"\n# " + student.encode())
            continue
        for name in exercises:
            path = chance.choice(pool[name]["wrong" if chance.random() < _WRONG else "right"])
            _write(folder / student / f"{name}{path.suffix}", _unique(path, student))
        if number in special[:hostile]:
            name, source = attacks[special.index(number) % len(attacks)]
            for suffix in (".py", ".ipynb"):
                (folder / student / f"{name}{suffix}").unlink(missing_ok=True)
            _write(folder / student / f"{name}.py", f"{source}\n# {student}\n".encode())


def _hostile(exercises: Sequence[str]) -> list[tuple[str, str]]:
    """Exercise and source of each, those that hang and those that end by turns with those that lie or steal."""
    found = [(each.exercise, each.source) for each in verdicts.CHEATS.values()]
    found += [("init_hidden", source) for source, _ in endings.SOURCES.values()]
    for each in (*secrets.ATTEMPTS.values(), *damage.ATTEMPTS.values()):
        found.append(("init_hidden", re.sub("<[A-Z]+>", _NOBODY, each.source())))
    random.Random(_SEED).shuffle(found)
    return [each for each in found if each[0] in exercises]


def _unique(path: Path, student: str) -> bytes:
    if path.suffix == ".py":
        return path.read_bytes() + f"\n# {student}\n".encode()
    notebook = json.loads(path.read_text(encoding="utf-8"))
    comment = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": [f"# {student}"]}
    return json.dumps(notebook | {"cells": [*notebook["cells"], comment]}).encode()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
