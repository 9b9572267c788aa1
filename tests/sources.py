"""Sources of submissions for tests about faults, and what a student is told, gathered from a result."""

from __future__ import annotations

import json

from grader.report import ExerciseResult


def too_long(place: str, *, limit: str = "the limit is 1 s, by case_seconds in course.toml or --case-seconds") -> str:
    """What is told of a run that hangs at a place."""
    late = f"the submission took too long in one run; {limit}"
    return f"A run did not end as it should: {late}. It did not get past {place}."


def init_hidden(first: str = "pass", *, before: str = "", after: str = "") -> str:
    """A right ``init_hidden`` with lines of trouble before it, as its first statement (line 4), or after it."""
    return f"""\
import os, signal, sys, threading, time, warnings; import torch; from torch import nn
{before}
def init_hidden(rnn, batch_size):
    {first}
    weight = next(rnn.parameters())
    states = rnn.num_layers * (2 if rnn.bidirectional else 1)
    h = weight.new_zeros(states, batch_size, rnn.proj_size or rnn.hidden_size)
    return (h, weight.new_zeros(states, batch_size, rnn.hidden_size)) if isinstance(rnn, nn.LSTM) else h
{after}
"""


def returning(value: str, *, before: str = "") -> str:
    """An ``init_hidden`` that returns an expression."""
    return f"import torch\n{before}\ndef init_hidden(rnn, batch_size):\n    return {value}\n"


def notebook(*cells: str) -> str:
    """A notebook of code cells."""
    listed = [{"cell_type": "code", "source": [source], "metadata": {}, "outputs": []} for source in cells]
    return json.dumps({"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def messages(result: ExerciseResult) -> list[str]:
    """Everything the student is told, each text once, in the order of the report."""
    texts = [result.message, *(each.message for each in result.properties)]
    return list(dict.fromkeys(text for text in texts if text))


def lost(result: ExerciseResult) -> list[str]:
    """The laws that an exercise lost."""
    return [law.name for law in result.properties if law.points < law.max_points]
