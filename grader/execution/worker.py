"""A worker: runs exactly one piece of code (the reference, a misconception, or one submission).

How it works: it is forked from the fork server (or started on its own where there is no fork), gives up what it
doesn't need (``limits``), and answers three requests over its socket: ``load`` executes the source and says what it
defines; ``run`` drives the cases of a list in order and sends a trace for each as soon as it is done; closing the
socket ends it. A trace is what was observed, as JSON and raw bytes. The worker knows nothing of what is right.
"""

from __future__ import annotations

import faulthandler
import gc
import marshal
import os
import random
import signal
import socket
import sys
import types
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from grader.cases import Case
from grader.execution import costs  # noqa: F401  for drives that measure costs; looked at by remember
from grader.execution.confinement import Confinement
from grader.execution.drives import DRIVE, prepare, ready
from grader.execution.hiding import hide, refuse_compilers, sealed
from grader.execution.integrity import Integrity
from grader.execution.limits import Limits, bound_resources, keep_only
from grader.execution.loading import Code, describe, used
from grader.execution.materials import with_plain_results
from grader.execution.observation import new_observer
from grader.execution.protocol import as_text, checksum, ends, from_text
from grader.execution.watching import watch

# taken before any submission is loaded
_seed_cpu, _seed_all = torch.default_generator.manual_seed, torch.manual_seed
_seed_python, _seed_numpy = random.seed, np.random.seed
_set_deterministic, _set_fill = (
    torch._C._set_deterministic_algorithms,
    torch._C._set_deterministic_fill_uninitialized_memory,
)
_collect, _freeze, _never_collect, _set_threads = gc.collect, gc.freeze, gc.disable, torch.set_num_threads
BROKEN = 117  # exit code of a worker that can't go on

Send = Callable[..., None]
Receive = Callable[[], Any]
Run = Callable[[list[str]], None]


def serve(sock: socket.socket, key: bytes) -> None:
    """Answers requests until the socket closes; limits and confinement are put on before.

    What is at work here are functions that hold what they need: an object could be found by its class, and changed.

    Args:
        sock: to the grader.
        key: with which both ends sign what they send.
    """
    torch.set_num_threads(1)
    # torch's own words about its speed, which a student would be shown as what the submission printed
    warnings.filterwarnings("ignore", "LSTM with projections is not supported with oneDNN")
    refuse_compilers()
    if hasattr(faulthandler, "register"):
        faulthandler.register(signal.SIGUSR1, 2, all_threads=False)  # for who looks where it hangs
    send, receive = ends(sock, key)
    run: Run | None = None
    while (came := receive()) is not None:
        request, blob = came
        if request["op"] == "load":
            run = _load(request, marshal.loads(blob), send, receive)
        elif run is not None:
            run(request["cases"])


def _load(request: dict[str, Any], compiled: Mapping[str, bytes | None], send: Send, receive: Receive) -> Run:
    """Executes the code of a request, sends what it defines, and returns what then runs cases."""
    ours: bool = request["code"]["ours"]
    try:
        drive = ready(request["drive"])
    except BaseException as error:
        if not ours:  # a submission is not to be told of it
            raise
        send(as_text({"op": "loaded", "error": describe(error, set(), DRIVE), "cells": [], "missing": []}))
        return _run_nothing
    sys.modules[drive.module.__name__] = drive.module
    integrity = Integrity(_unchanged, _unchanged)
    code = Code(request["code"], compiled)
    if not ours:
        watch(drive.may_look, drive.spaces)
        hide(drive.module)
        integrity = drive.integrity
    submission = types.SimpleNamespace()
    beside = DRIVE if ours else None
    changed, of_all = integrity  # taken before the submission is there
    tampering: list[str] = []
    run = _runner(drive.module.drive, submission, code.labels, beside, integrity, tampering, send, receive)
    _seed("cpu")
    answer: dict[str, Any] = {"op": "loaded", "error": None, "cells": [], "missing": []}
    try:
        found, answer["cells"] = code.load()
        entry_points = {name: getattr(found, name) for name in request["names"] if hasattr(found, name)}
        answer["missing"] = [name for name in request["names"] if not callable(entry_points.get(name))]
        for name, each in entry_points.items():
            used(each)  # imported, and not there
            setattr(submission, name, each if isinstance(each, type) else _called(each, changed, tampering))
    except BaseException as error:
        answer["error"] = describe(error, code.labels)
    _set_threads(1)
    _collect()
    _freeze()
    tampering.extend(filter(None, [of_all()]))
    send(as_text(answer))
    return run


def _runner(
    drive: Callable[..., None],
    submission: types.SimpleNamespace,
    labels: set[str],
    beside: str | None,
    integrity: Integrity,
    tampering: list[str],
    send: Send,
    receive: Receive,
) -> Run:
    """What runs the cases of a list, in order, and sends a trace for each as soon as it is done."""
    of_all, observer = integrity.of_all, new_observer(integrity.quick)
    begin, observe, moments, noticed = observer.begin, sealed(observer.observe), observer.moments, observer.tampering
    blob = observer.blob

    def pause() -> None:
        """Stands still while the grader reads this process's resident memory from outside."""
        send(as_text({"op": "moment"}))
        receive()

    def run(cases: list[str]) -> None:
        for text in cases:
            case = Case.from_json(from_text(text))
            _seed(case.device)
            _never_collect()  # by itself: what a submission has done when garbage is collected would run in our lines
            resident = case.options.get("measure") == "resident"
            begin(measures="measure" in case.options, device=case.device, pause=pause if resident else None)
            outcome: dict[str, Any] = {"returned": True}
            try:
                drive(submission, case, observe)
            except BaseException as error:
                outcome = {"returned": False, **describe(error, labels, None if case.device == "meta" else beside)}
            seen: list[str] = moments()
            if (tampered := of_all() or noticed() or next(iter(tampering), None)) is not None:
                outcome, seen = {"returned": False, "tampered": tampered}, []
            trace = as_text({"op": "trace", "of": checksum(text), "outcome": outcome, "moments": []})
            # the moments, which are texts already, come to stand where the empty list is
            send(f"{trace[:-2]}{','.join(seen)}]}}", blob() if tampered is None else b"")
        send(as_text({"op": "done"}))

    return run


def _called(
    function: Callable[..., Any], changed: Callable[[], str | None], tampering: list[str]
) -> Callable[..., Any]:
    """A function of the submission; what it has replaced, or left on, is noted when it returns.

    For what does its work and puts itself back is gone when the run ends.
    """
    inner = with_plain_results(function)

    def call(*args: Any, **named: Any) -> Any:
        try:
            return inner(*args, **named)
        finally:
            if (found := changed()) is not None:
                tampering.append(found)

    return call


def _run_nothing(cases: list[str]) -> None:
    """Runs no case: there is no drive."""


def _unchanged() -> str | None:
    """Says that nothing was replaced."""
    return None


def _seed(device: str) -> None:
    # for the cost of torch.manual_seed, which seeds every accelerator too, see materials
    (_seed_cpu if device in ("cpu", "meta") else _seed_all)(0)
    _seed_python(0)
    _seed_numpy(0)
    # torch.empty then gives NaN, so that memory that was never written shows, whatever an earlier run has set; the
    # public function for it would import torch's compiler first
    _set_deterministic(True, warn_only=True)
    _set_fill(True)


def main() -> None:
    """Starts a worker on its own (no fork): address, token and limits come as a line of JSON on standard input."""
    settings = from_text(sys.stdin.readline())
    sock = socket.create_connection(("127.0.0.1", settings["port"]))
    sock.sendall(bytes.fromhex(settings["token"]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is the grader's to handle
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    keep_only({0, 1, 2, sock.fileno()})
    bound_resources(Limits(**settings["limits"]), bound_memory=settings["bound_memory"])
    Confinement().put_on(os.getcwd())
    prepare()
    serve(sock, bytes.fromhex(settings["key"]))
