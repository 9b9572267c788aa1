"""Frames between the grader, the fork server and the workers.

A frame is two lengths (big-endian, 4 bytes each), a JSON object, and raw bytes (a safetensors block, or nothing).
Nothing is ever unpickled. Lengths are checked before anything is read, and the reader takes a deadline: whoever is
at the other end can waste neither memory nor time beyond what the caller allowed. Between the grader and a worker
each frame is signed, with a key that only the two know: a submission may write to the worker's socket, or stand
between, but it can neither make a frame nor change, double or leave out one. What a worker answers may be far
smaller than what it is asked, for it is decoded where nobody's code may do harm; the bounds of a trace stand here,
because both ends hold them.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

_LENGTHS = struct.Struct(">II")
MAX_REQUEST_BYTES = 16 << 20  # of JSON: the files of a submission, or thousands of cases
MAX_JSON_BYTES = 2 << 20  # of an answer; decoded, it takes some thirty times as much. The course's largest has 22 kB
MAX_BLOB_BYTES = 16 << 20  # the course's largest has 60 kB
MAX_VALUES = 10_000  # in a trace: values at any depth, sizes of tensors, moments
MAX_DEPTH = 20  # of containers in a value
MAX_AXES = 64  # of a tensor
MAX_TEXT = 2_000  # characters
MAX_NAMES = 100  # of an exception's class and its bases
_JSON_DEPTH = 64  # two for each container in a value; deeper, recursion over what came would end in an error
_CONTAINERS = (dict, list)
_SIGNATURE_BYTES = 16
_INT_DIGITS = 20  # with the sign; what is longer is no 64-bit integer
_CHUNK = 1 << 18
# what json.dumps and json.loads call in the end, taken here: a worker shares their module with a submission
_pieces: Any = json.encoder.c_make_encoder(  # type: ignore[attr-defined]
    None, json.JSONEncoder().default, json.encoder.encode_basestring_ascii, None, ":", ",", False, False, True
)
_value: Any = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


class ProtocolError(Exception):
    """What came is not a frame."""


class Closed(Exception):
    """The other end is gone."""


class DeadlinePassed(Exception):
    """No whole frame came in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """A message: a JSON object and bytes that belong to it; ``body`` is the object's text as it came."""

    data: dict[str, Any]
    blob: bytes = field(default=b"", repr=False)
    body: bytes = field(default=b"", repr=False, compare=False)

    def to_bytes(self) -> bytes:
        """The frame as it goes over the wire; raises ``ProtocolError`` where it is larger than allowed."""
        body = self.body or as_text(self.data).encode()
        if len(body) > MAX_REQUEST_BYTES or len(self.blob) > MAX_BLOB_BYTES:
            raise ProtocolError(f"a frame of {len(body)} + {len(self.blob)} bytes is over the limit")
        return _LENGTHS.pack(len(body), len(self.blob)) + body + self.blob

    @classmethod
    def from_bytes(cls, raw: bytes, start: int = 0) -> tuple[Frame, int]:
        """The frame that begins at ``start``, and where it ends."""
        body = start + _LENGTHS.size
        if len(raw) < body:
            raise ProtocolError("cut short")
        json_bytes, blob_bytes = _lengths(raw[start:body], MAX_REQUEST_BYTES)
        blob = body + json_bytes
        end = blob + blob_bytes
        if len(raw) < end:
            raise ProtocolError("cut short")
        return cls(data=_object(raw[body:blob]), blob=raw[blob:end], body=raw[body:blob]), end


def as_text(data: Any) -> str:
    """Data as JSON, without a space and in ASCII."""
    return "".join(_pieces(data, 0))


def from_text(text: str) -> Any:
    """The data of a JSON text that was written by ``as_text``."""
    return _value(text, 0)[0]


def checksum(text: str) -> int:
    """What an answer repeats of a long request, to show which one it belongs to."""
    return zlib.crc32(text.encode())


def _lengths(header: bytes, most_json: int) -> tuple[int, int]:
    json_bytes, blob_bytes = _LENGTHS.unpack(header)
    if json_bytes > most_json or blob_bytes > MAX_BLOB_BYTES:
        raise ProtocolError(f"a frame announces {json_bytes} + {blob_bytes} bytes, over the limit")
    return json_bytes, blob_bytes


def _signed(key: bytes, number: int, *parts: bytes) -> bytes:
    """The signature of a frame, the ``number``-th in its direction; nothing where there is no key."""
    if not key:
        return b""
    signature = blake2b(number.to_bytes(8, "big"), digest_size=_SIGNATURE_BYTES, key=key)
    for part in parts:
        signature.update(part)
    return signature.digest()


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body.decode("utf-8", "surrogatepass"), parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ProtocolError(f"expected a JSON object, got {type(data).__name__}")
    level: list[Any] = [data]
    for _ in range(_JSON_DEPTH):
        level = [inner for outer in level for inner in _inside(outer) if type(inner) in _CONTAINERS]
        if not level:
            return data
    raise ProtocolError(f"JSON that is nested more than {_JSON_DEPTH} times")


def _inside(outer: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return outer.values() if isinstance(outer, dict) else outer


def _integer(digits: str) -> int:
    """An integer in JSON; one of thousands of digits would cost time here, and break arithmetic later."""
    if len(digits) > _INT_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def ends(
    sock: socket.socket, key: bytes = b""
) -> tuple[Callable[[str, bytes], None], Callable[[], tuple[Any, bytes] | None]]:
    """The end of a worker: what sends a frame (JSON as text, and bytes), and what waits for the next one.

    That is its data and bytes, or ``None`` where the other end is gone, or another one. Functions that hold what they
    call, because a submission could replace the methods of a class, and what the modules of Python hold.
    """
    send_all, take, pack, unpack = sock.sendall, sock.recv, _LENGTHS.pack, _LENGTHS.unpack
    sent = received = 0

    def send(text: str, blob: bytes = b"") -> None:
        nonlocal sent
        body = text.encode()
        header = pack(len(body), len(blob))
        sent += 1
        send_all(header + _signed(key, sent, b"answer", header, body, blob) + body + blob)

    def exactly(count: int) -> bytes | None:
        pieces, left = [], count
        while left:
            piece = take(min(left, _CHUNK))
            if not piece:
                return None
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def receive() -> tuple[Any, bytes] | None:
        nonlocal received
        header, signature = exactly(_LENGTHS.size), exactly(_SIGNATURE_BYTES if key else 0)
        if header is None or signature is None:
            return None
        json_bytes, blob_bytes = unpack(header)
        body, blob = exactly(json_bytes), exactly(blob_bytes)
        received += 1
        if body is None or blob is None or signature != _signed(key, received, b"request", header, body, blob):
            return None
        return from_text(body.decode("utf-8", "surrogatepass")), blob

    return send, receive


class Channel:
    """The grader's end of a socket that carries frames.

    Args:
        sock: the socket.
        key: with which frames are signed, up to 64 bytes; empty where they are not.
    """

    def __init__(self, sock: socket.socket, *, key: bytes = b"") -> None:
        self._socket = sock
        self._key = key
        self._sent = self._received = 0
        self._buffer = bytearray()
        self._poll = select.poll()
        self._poll.register(sock.fileno(), select.POLLIN)

    def fileno(self) -> int:
        """The descriptor, for ``select``."""
        return self._socket.fileno()

    @property
    def has_buffered(self) -> bool:
        """Whether bytes are waiting that ``select`` can't see."""
        return bool(self._buffer)

    def send(self, frame: Frame, *, seconds: float | None = None) -> None:
        """Sends a frame. Raises ``Closed`` where nobody listens, ``DeadlinePassed`` where it isn't taken in time."""
        raw = frame.to_bytes()
        header, rest = raw[: _LENGTHS.size], raw[_LENGTHS.size :]
        self._sent += 1
        self._socket.settimeout(seconds)
        try:
            self._socket.sendall(header + _signed(self._key, self._sent, b"request", header, rest) + rest)
        except TimeoutError as error:
            raise DeadlinePassed from error
        except OSError as error:
            raise Closed from error
        finally:
            self._socket.settimeout(None)

    def receive(
        self, *, seconds: float | None = None, most_json: int = MAX_JSON_BYTES, expected: Frame | None = None
    ) -> Frame:
        """The next frame, whole.

        Args:
            seconds: how long to wait for all of it; ``None`` waits for ever.
            most_json: bytes of JSON that are taken; those of an answer, unless a worker reads what it is asked.
            expected: one that may well come: where the text is the same, so are the data, which are not decoded again.

        Raises:
            ProtocolError: what came is not a frame.
            Closed: the other end is gone.
            DeadlinePassed: no whole frame came in time.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        header = self._take(_LENGTHS.size, deadline)
        json_bytes, blob_bytes = _lengths(header, most_json)
        signature = self._take(_SIGNATURE_BYTES if self._key else 0, deadline)
        body, blob = self._take(json_bytes, deadline), self._take(blob_bytes, deadline)
        self._received += 1
        if signature != _signed(self._key, self._received, b"answer", header, body, blob):
            raise ProtocolError("a message that is not the worker's own")
        data = expected.data if expected is not None and expected.body == body else _object(body)
        return Frame(data=data, blob=blob, body=body)

    def _take(self, count: int, deadline: float | None) -> bytes:
        while len(self._buffer) < count:
            if deadline is not None:
                left = deadline - time.monotonic()
                if left <= 0 or not self._poll.poll(left * 1000):
                    raise DeadlinePassed
            try:
                chunk = self._socket.recv(_CHUNK)
            except OSError as error:
                raise Closed from error
            if not chunk:
                raise Closed
            self._buffer += chunk
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def close(self) -> None:
        """Closes the socket."""
        self._socket.close()
