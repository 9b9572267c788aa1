"""Frames between the grader, the fork server and the workers.

A frame is two lengths (big-endian, 4 bytes each), a JSON object, and raw bytes (a safetensors block, or nothing).
Nothing is ever unpickled. Lengths are checked before anything is read, and the reader takes a deadline: whoever is
at the other end can waste neither memory nor time beyond what the caller allowed.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import time
import zlib
from dataclasses import dataclass, field
from typing import Any

_LENGTHS = struct.Struct(">II")
MAX_JSON_BYTES = 16 << 20
MAX_BLOB_BYTES = 128 << 20
_CHUNK = 1 << 18


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
        body = self.body or json.dumps(self.data, separators=(",", ":")).encode("utf-8", "surrogatepass")
        if len(body) > MAX_JSON_BYTES or len(self.blob) > MAX_BLOB_BYTES:
            raise ProtocolError(f"a frame of {len(body)} + {len(self.blob)} bytes is over the limit")
        return _LENGTHS.pack(len(body), len(self.blob)) + body + self.blob

    @classmethod
    def from_bytes(cls, raw: bytes, start: int = 0) -> tuple[Frame, int]:
        """The frame that begins at ``start``, and where it ends."""
        body = start + _LENGTHS.size
        if len(raw) < body:
            raise ProtocolError("cut short")
        json_bytes, blob_bytes = _lengths(raw[start:body])
        blob = body + json_bytes
        end = blob + blob_bytes
        if len(raw) < end:
            raise ProtocolError("cut short")
        return cls(data=_object(raw[body:blob]), blob=raw[blob:end], body=raw[body:blob]), end


def checksum(text: str) -> int:
    """What an answer repeats of a long request, to show which one it belongs to."""
    return zlib.crc32(text.encode())


def _lengths(header: bytes) -> tuple[int, int]:
    json_bytes, blob_bytes = _LENGTHS.unpack(header)
    if json_bytes > MAX_JSON_BYTES or blob_bytes > MAX_BLOB_BYTES:
        raise ProtocolError(f"a frame announces {json_bytes} + {blob_bytes} bytes, over the limit")
    return json_bytes, blob_bytes


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ProtocolError(f"expected a JSON object, got {type(data).__name__}")
    return data


class Channel:
    """One end of a socket that carries frames."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
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
        self._socket.settimeout(seconds)
        try:
            self._socket.sendall(frame.to_bytes())
        except TimeoutError as error:
            raise DeadlinePassed from error
        except OSError as error:
            raise Closed from error
        finally:
            self._socket.settimeout(None)

    def receive(self, *, seconds: float | None = None) -> Frame:
        """The next frame, whole.

        Args:
            seconds: how long to wait for all of it; ``None`` waits for ever.

        Raises:
            ProtocolError: what came is not a frame.
            Closed: the other end is gone.
            DeadlinePassed: no whole frame came in time.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        header = self._take(_LENGTHS.size, deadline)
        json_bytes, blob_bytes = _lengths(header)
        body = self._take(json_bytes, deadline)
        return Frame(data=_object(body), blob=self._take(blob_bytes, deadline), body=body)

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
