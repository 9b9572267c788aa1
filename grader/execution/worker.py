"""A worker: runs exactly one piece of code (the reference, a misconception, or one submission).

How it works: it is forked from the fork server (or started on its own where there is no fork), gives up what it
doesn't need (``limits``), and answers three requests over its socket: ``load`` executes the source and says what it
defines; ``run`` drives the cases of a list in order and sends a trace for each as soon as it is done; closing the
socket ends it. A trace is what was observed, as JSON and raw bytes. The worker knows nothing of what is right.
"""

from __future__ import annotations

import gc
import json
import marshal
import os
import random
import signal
import socket
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from grader.cases import Case
from grader.execution import costs  # noqa: F401  for drives that measure costs; looked at by remember
from grader.execution.confinement import Confinement
from grader.execution.integrity import Changed, remember
from grader.execution.limits import Limits, bound_resources, keep_only
from grader.execution.loading import Code, code_of, describe
from grader.execution.observation import Observer
from grader.execution.protocol import MAX_REQUEST_BYTES, Channel, Closed, Frame, checksum

_OBSERVING = ("grader.execution.materials", "grader.execution.observation")
_OTHERS = ("grader.cases", *(f"grader.execution.{name}" for name in ("costs", "loading", "protocol", "worker")))
# taken before any submission is loaded
_seed_cpu, _seed_all = torch.default_generator.manual_seed, torch.manual_seed
_seed_python, _seed_numpy = random.seed, np.random.seed
BROKEN = 117  # exit code of a worker that can't go on
Drive = Callable[[Any, Case, Observer], None]


def serve(channel: Channel) -> None:
    """Answers requests until the socket closes; limits and confinement are put on before."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is the grader's to handle
    torch.set_num_threads(1)
    # torch.empty then gives NaN, so that memory that was never written shows; the public function for it would
    # import torch's compiler first
    torch._C._set_deterministic_algorithms(True, warn_only=True)
    torch.compile = nn.Module.compile = _no_compiler  # type: ignore[method-assign]
    worker = _Worker(channel)
    while True:
        try:
            request = channel.receive(most_json=MAX_REQUEST_BYTES)
        except Closed:
            return
        if request.data["op"] == "load":
            worker.load(request.data, marshal.loads(request.blob))
        else:
            worker.run(request.data["cases"])


class _Worker:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._send = channel.send
        self._receive = channel.receive
        self._changed: Changed
        self._all_changed: Changed

    def load(self, request: dict[str, Any], compiled: Mapping[str, bytes | None]) -> None:
        # under a name that no file of a submission can have: theirs may be called drive.py
        drive = sys.modules["<drive>"] = types.ModuleType("<drive>")
        exec(code_of(request["drive"], "<drive>", compiled), drive.__dict__)
        self._drive: Drive = drive.drive
        self._changed = self._all_changed = _unchanged
        if not request["code"]["ours"]:
            observing = [drive, *(sys.modules[name] for name in _OBSERVING)]
            self._changed, self._all_changed = remember(observing, [sys.modules[name] for name in _OTHERS])
        _hide_the_grader()
        self._code = Code(request["code"], compiled)
        _seed("cpu")
        answer: dict[str, Any] = {"op": "loaded", "error": None, "cells": [], "missing": []}
        try:
            found, answer["cells"] = self._code.load()
            entry_points = {name: getattr(found, name) for name in request["names"] if hasattr(found, name)}
            answer["missing"] = [name for name in request["names"] if not callable(entry_points.get(name))]
            self._submission = types.SimpleNamespace(**entry_points)
        except BaseException as error:
            answer["error"] = describe(error, self._code.labels)
        torch.set_num_threads(1)
        gc.collect()
        gc.freeze()
        self._reply(answer)

    def run(self, cases: list[str]) -> None:
        # as they are now: what a submission changes of this object while it runs changes no run
        drive, submission, labels, reply = self._drive, self._submission, self._code.labels, self._reply
        changed, all_changed = self._changed, self._all_changed
        for text in cases:
            case = Case.from_json(json.loads(text))
            _seed(case.device)
            pause = self._pause if case.options.get("measure") == "resident" else None
            observer = Observer(measures="measure" in case.options, device=case.device, pause=pause, changed=changed)
            outcome: dict[str, Any] = {"returned": True}
            try:
                drive(submission, case, observer)
            except BaseException as error:
                outcome = {"returned": False, **describe(error, labels)}
            trace = {"op": "trace", "of": checksum(text), "outcome": outcome, "moments": observer.moments}
            if (tampering := observer.tampering() or all_changed()) is not None:
                reply({**trace, "outcome": {"returned": False, "tampered": tampering}, "moments": []})
            else:
                reply(trace, observer.blob())

    def _pause(self) -> None:
        """Stands still while the grader reads this process's resident memory from outside."""
        self._reply({"op": "moment"})
        self._receive()

    def _reply(self, data: dict[str, Any], blob: bytes = b"") -> None:
        self._send(Frame(data=data, blob=blob))


def _unchanged() -> None:
    """Says that nothing was replaced."""


def _seed(device: str) -> None:
    # for the cost of torch.manual_seed, which seeds every accelerator too, see materials
    (_seed_cpu if device in ("cpu", "meta") else _seed_all)(0)
    _seed_python(0)
    _seed_numpy(0)


def _hide_the_grader() -> None:
    """Takes the grader's modules out of the reach of ``import``: a submission has no use for them."""
    _forget("grader")
    sys.modules["grader"] = None  # type: ignore[assignment]  # an import of it then raises ModuleNotFoundError


def _forget(name: str) -> None:
    # not by going through all of sys.modules: whoever holds a name counts it, in the memory where the name is, and
    # would so be given a copy of all memory in which two thousand names are
    module = sys.modules.pop(name, None)
    if hasattr(module, "__path__"):
        for inner in vars(module):
            _forget(f"{name}.{inner}")


def _no_compiler(*args: Any, **kwargs: Any) -> Any:
    """Stands for ``torch.compile`` and ``nn.Module.compile``."""
    raise RuntimeError(
        "torch.compile is not available while grading: it starts a compiler. "
        "Leave it out; the function or module itself computes the same."
    )


def main() -> None:
    """Starts a worker on its own (no fork): address, token and limits come as a line of JSON on standard input."""
    settings = json.loads(sys.stdin.readline())
    sock = socket.create_connection(("127.0.0.1", settings["port"]))
    sock.sendall(bytes.fromhex(settings["token"]))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    keep_only({0, 1, 2, sock.fileno()})
    bound_resources(Limits(**settings["limits"]), bound_memory=settings["bound_memory"])
    Confinement().put_on(os.getcwd())
    serve(Channel(sock))
