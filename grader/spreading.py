"""Spreads work over processes through ``concurrent.futures.Executor``: processes of this machine, or a dask cluster.

How it works: a bounded number of things is under way, so that memory stays flat however many there are; results come
back in the order in which they are ready. Processes here are started anew, share nothing with this one, and end when
this one does, however it ends: each holds one end of a pipe (the lifeline) whose other end only this process has. A
process that is lost takes nothing with it: what it had under way is given to another one, and what has cost several
their lives is given up and said. On a cluster dask does the same.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from grader.course import Course
from grader.errors import GraderError, InternalFault, UsageError
from grader.grading import Options, own_versions
from grader.plaintext import plain_line
from grader.station import Done, Setting, Work, describe, do, pack, packed_sha256
from grader.submission import Submission

_MOMENT = 0.2  # seconds
_AHEAD = 2  # things under way for each process: one that is done and one that waits
_MOST_TRIES = 3
_ANSWER_SECONDS = 10.0  # for a scheduler
_BEGIN_AGAIN = "What was graded is kept; start the same command again."
_LOST = "the process that graded it ended, each time"
_PATIENCE = 300.0  # seconds without any worker

T = TypeVar("T")


class Places(Protocol):
    """Where work is done; made by ``LocalPlaces`` and ``DaskPlaces``."""

    def submit(self, function: Callable[..., T], setting: Setting, *more: Any) -> Future[T]:
        """Calls a function of ``station.py`` somewhere; ``setting`` goes with the course itself where it must."""

    def count(self) -> int:
        """How many processes there are now."""

    def renew(self) -> None:
        """Begins again after ``BrokenProcessPool``."""

    def close(self) -> None:
        """Ends what was started; what is under way is given up."""


class LocalPlaces:
    """Processes of this machine."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._begin()

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")  # no thread or socket of this process goes with it
        theirs, self._lifeline = context.Pipe(duplex=False)
        self._executor: Executor = ProcessPoolExecutor(
            self._workers, mp_context=context, initializer=_hold_on, initargs=(theirs,)
        )

    def submit(self, function: Callable[..., T], setting: Setting, *more: Any) -> Future[T]:
        return self._executor.submit(function, setting, None, *more)

    def count(self) -> int:
        return self._workers

    def renew(self) -> None:
        self.close()
        self._begin()

    def close(self) -> None:
        self._lifeline.close()
        self._executor.shutdown(wait=True, cancel_futures=True)


def _hold_on(lifeline: Connection) -> None:
    """Makes this process end when the other end of the lifeline is closed, or its holder has died."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the process that began all this

    def watch() -> None:
        try:
            lifeline.recv()
        except (EOFError, OSError):
            os._exit(1)  # the fork server ends what it started when this process is gone

    threading.Thread(target=watch, daemon=True).start()


class DaskPlaces:
    """A dask cluster that the user has started.

    Args:
        address: of its scheduler, such as ``tcp://head:8786``.
        archive: the course, for workers that don't find it where it is here.
    """

    def __init__(self, address: str, archive: bytes) -> None:
        try:
            import distributed
        except ImportError as error:
            raise UsageError("For a dask cluster, dask is needed: pip install 'grader[dask]'") from error
        try:
            asyncio.run(_knock(address))  # a client that can't connect says so again when the program ends
            self._client = distributed.Client(address, timeout=_ANSWER_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UsageError(f"No dask scheduler answers at {address}: {error}") from error
        self._address = address
        self._workers, self._counted = 0, 0.0  # how many there were, and when they were counted
        self._seen = time.monotonic()  # when there were any
        try:
            self._check_fitness()
        except BaseException:
            self.close()
            raise
        self._archive = self._client.submit(bytes, archive)  # so dask can make it again where all who had it are lost
        self._executor = self._client.get_executor(pure=False, retries=_MOST_TRIES)

    def _check_fitness(self) -> None:
        """Raises ``UsageError`` where what is sent could not be read: who gets it would die of it, again and again."""
        if not self._client.nthreads():
            raise UsageError(
                f"The dask scheduler at {self._address} has no workers; start some with: dask worker {self._address}"
            )
        here, question = own_versions(), _question()
        for who, there in {"scheduler": self._client.run_on_scheduler(question), **self._client.run(question)}.items():
            if there != here:
                raise UsageError(
                    "All machines of a cluster need the same grader, Python and Hypothesis, the scheduler's and this "
                    f"one, too. Here is {here}; {plain_line(who)} has {plain_line(there)}."
                )

    def submit(self, function: Callable[..., T], setting: Setting, *more: Any) -> Future[T]:
        with self._spoken_for():
            future: Future[T] = self._executor.submit(function, setting, self._archive, *more)
            return future

    def count(self) -> int:
        now = time.monotonic()
        if now - self._counted >= _MOMENT:  # asking takes as long as having something done
            with self._spoken_for():
                self._workers = len(self._client.nthreads())
            self._counted = now
            self._seen = now if self._workers else self._seen
        if now - self._seen > _PATIENCE:
            raise InternalFault(
                f"The dask scheduler at {self._address} has had no workers for {_PATIENCE:.0f} seconds. {_BEGIN_AGAIN}"
            )
        return max(1, self._workers)

    @contextmanager
    def _spoken_for(self) -> Iterator[None]:
        """What dask raises when its scheduler is gone, which is many things, in our voice."""
        try:
            yield
        except Exception as error:
            raise InternalFault(f"The dask scheduler at {self._address} is lost. {_BEGIN_AGAIN}") from error

    def renew(self) -> None:
        pass

    def close(self) -> None:
        self._client.close()


async def _knock(address: str) -> None:
    """Raises ``OSError`` or ``ValueError`` where no scheduler answers."""
    from distributed.comm import connect
    from distributed.security import Security

    (await connect(address, timeout=_ANSWER_SECONDS, **Security().get_connection_args("client"))).abort()


def _question() -> Callable[[], str]:
    """A function that tells versions; made here, and so sent as it is, to machines that may have no grader."""

    def versions() -> str:
        try:
            from grader.grading import own_versions
        except ImportError as error:
            return f"no grader that could be imported ({error})"
        return own_versions()

    return versions


@dataclass(slots=True)
class _UnderWay(Generic[T]):
    token: T
    submission: Submission
    work: Work
    suspect: bool = False  # it was under way when a process was lost, or found a fault: it is tried alone
    tries: int = 0  # that surely were its own fault
    fault: str = ""  # what the last of them said


class Spread:
    """Work for a course, spread over places; a context manager that ends them.

    Args:
        course: to grade for.
        options: how.
        workers: processes of this machine, where ``scheduler`` is ``None``.
        scheduler: address of a dask scheduler.
    """

    def __init__(self, course: Course, options: Options, *, workers: int, scheduler: str | None = None) -> None:
        archive = pack(course.root)
        self._setting = Setting(course=course.root, course_sha256=packed_sha256(archive), options=options)
        self._places: Places = LocalPlaces(workers) if scheduler is None else DaskPlaces(scheduler, archive)
        self._starting: list[Future[dict[str, Any]]] = []  # kept, because dask gives up what nobody holds

    def __enter__(self) -> Self:
        try:
            with suppress(BrokenProcessPool):  # which the first future says, too
                for _ in range(self._places.count()):  # one would do, but so all of them start now, side by side
                    self._starting.append(self._places.submit(describe, self._setting))
        except BaseException:
            self._places.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._places.close()

    @cached_property
    def described(self) -> dict[str, Any]:
        """What ``describe`` says where the work is done, as soon as a process there has started.

        Raises:
            InternalFault: a process ended while it was starting.
            UsageError: submissions must not be run there.
        """
        ready: set[Future[dict[str, Any]]] = set()
        while not ready:  # in moments, because an interrupt does not end a wait everywhere
            ready, _ = wait(self._starting, timeout=_MOMENT, return_when=FIRST_COMPLETED)
        try:
            return ready.pop().result()
        except BrokenProcessPool as error:
            raise InternalFault("A process that grades ended while it was starting.") from error

    def run(self, works: Iterable[tuple[T, Submission, Work]]) -> Iterator[tuple[T, Done]]:
        """Does all of it; yields each token with what came of its work, as it becomes ready.

        Raises:
            UsageError: the places have different versions, or submissions must not be run there.
        """
        coming = iter(works)
        waiting: dict[Future[Done], _UnderWay[T]] = {}
        again: list[_UnderWay[T]] = []  # suspects that are not under way
        try:
            while True:
                places = self._places.count()
                alone = again or any(one.suspect for one in waiting.values())
                while len(waiting) < (1 if alone else _AHEAD * places):
                    one = again.pop() if again else _next(coming)
                    if one is None:
                        break
                    waiting[self._submit(one)] = one
                if not waiting:
                    return
                ready, _ = wait(waiting, timeout=_MOMENT, return_when=FIRST_COMPLETED)
                for future in ready:
                    done = self._done(future)
                    if done is None:  # so are all the others then
                        lost, waiting = list(waiting.values()), {}
                        if len(lost) == 1:
                            lost[0].tries, lost[0].fault = lost[0].tries + 1, _LOST
                        again += lost
                        self._places.renew()
                        break
                    one = waiting.pop(future)
                    if done.fault:
                        one.tries, one.fault = one.tries + 1, done.fault
                        again.append(one)
                    else:
                        yield one.token, done
                for one in again:
                    one.suspect = True
                    if one.tries >= _MOST_TRIES:
                        yield one.token, Done(fault=one.fault)
                again = [one for one in again if one.tries < _MOST_TRIES]
        finally:
            for future in waiting:
                future.cancel()

    def _submit(self, one: _UnderWay[T]) -> Future[Done]:
        try:
            return self._places.submit(do, self._setting, one.submission, one.work)
        except BrokenProcessPool as error:  # since the last result came; all that is under way will say so, too
            failed: Future[Done] = Future()
            failed.set_exception(error)
            return failed

    def _done(self, future: Future[Done]) -> Done | None:
        """What came of one thing; ``None`` where its process was lost, and all others with it."""
        try:
            done = future.result()
        except BrokenProcessPool:
            return None
        except GraderError:
            raise
        except (Exception, CancelledError) as error:  # whatever a cluster says of a worker that it lost too often
            return Done(fault=f"{type(error).__name__}: {error}")
        if done.versions and done.versions != self.described["versions"]:
            raise UsageError(
                "The machines that grade have different versions of Python, torch, Hypothesis or the grader, or other "
                f"devices, so that marks would depend on the machine: {done.versions} and {self.described['versions']}."
            )
        return done


def _next(coming: Iterator[tuple[T, Submission, Work]]) -> _UnderWay[T] | None:
    begun = next(coming, None)
    return None if begun is None else _UnderWay(*begun)
