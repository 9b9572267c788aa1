"""Frames: what is sent arrives; what is no frame is said to be none, whoever is at the other end."""

import json
import socket
import struct
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.execution.protocol import (
    MAX_BLOB_BYTES,
    MAX_JSON_BYTES,
    MAX_REQUEST_BYTES,
    Channel,
    Closed,
    DeadlinePassed,
    Frame,
    ProtocolError,
    as_text,
)
from grader.execution.protocol import ends as worker_ends

FEW = settings(deadline=None, max_examples=30)
PLENTY = 60.0  # seconds, for what must come
SCARCE = 0.2  # seconds, for what can't come

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
FRAMES = st.builds(Frame, data=st.dictionaries(st.text(max_size=5), PLAIN, max_size=3), blob=st.binary(max_size=40))
FRAME = Frame(data={"run": 3}, blob=b"\x00\xff")


@pytest.fixture
def ends():
    """A channel, and the bare socket at its other end."""
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    yield channel, theirs
    channel.close()
    theirs.close()


def wire(body: bytes, blob: bytes = b"", *, lengths: tuple[int, int] | None = None) -> bytes:
    return struct.pack(">II", *(lengths or (len(body), len(blob)))) + body + blob


@FEW
@given(st.lists(FRAMES, max_size=3), st.binary(max_size=9))
def test_frames_round_trip(frames, before):
    """Frames laid end to end are read back one after the other, wherever they begin."""
    raw = before + b"".join(frame.to_bytes() for frame in frames)
    start, read = len(before), []
    while start < len(raw):
        frame, start = Frame.from_bytes(raw, start)
        read.append(frame)
    assert read == frames


@FEW
@given(FRAMES, st.data())
def test_a_frame_cut_short(frame, data):
    """A frame that lacks any of its bytes is refused."""
    raw = frame.to_bytes()
    with pytest.raises(ProtocolError, match=r"^cut short$"):
        Frame.from_bytes(raw[: data.draw(st.integers(0, len(raw) - 1))])


@FEW
@given(st.binary(max_size=60))
def test_any_bytes(raw):
    """Whatever the bytes are, they are a frame or a ProtocolError."""
    try:
        frame, end = Frame.from_bytes(raw)
    except ProtocolError:
        return
    assert isinstance(frame.data, dict)
    assert end <= len(raw)


def test_lone_surrogates_travel():
    """Text that is not Unicode proper, such as a file name may hold, comes through."""
    frame = Frame(data={"text": "caf\udce9"})
    assert Frame.from_bytes(frame.to_bytes()) == (frame, len(frame.to_bytes()))


NO_FRAMES = [
    pytest.param(
        wire(b"", lengths=(2**32 - 1, 0)), "a frame announces 4294967295 + 0 bytes, over the limit", id="json"
    ),
    pytest.param(
        wire(b"", lengths=(2, 2**32 - 1)), "a frame announces 2 + 4294967295 bytes, over the limit", id="blob"
    ),
    pytest.param(wire(b"{'a': 1}"), "not JSON: Expecting property name enclosed in double quotes", id="not JSON"),
    pytest.param(wire(b""), "not JSON: Expecting value", id="nothing"),
    pytest.param(wire(b"\xff\xfe{}"), "not JSON: 'utf-8' codec can't decode byte 0xff", id="not UTF-8"),
    pytest.param(wire(b"1" * 5000), "not JSON: a number of 5000 digits", id="a number of 5000 digits"),
    pytest.param(wire(b"[" * 200_000 + b"]" * 200_000), "not JSON: maximum recursion depth", id="deep lists"),
    pytest.param(wire(b'{"a":' * 200_000 + b"1" + b"}" * 200_000), "not JSON: maximum recursion", id="deep objects"),
    pytest.param(
        wire(b'{"a":' * 65 + b"1" + b"}" * 65), "JSON that is nested more than 64 times", id="deeper than any answer"
    ),
    pytest.param(wire(b"[]"), "expected a JSON object, got list", id="a list"),
    pytest.param(wire(b"null"), "expected a JSON object, got NoneType", id="null"),
]


@pytest.mark.parametrize(("raw", "says"), NO_FRAMES)
def test_what_is_no_frame(raw, says):
    """What is no frame is refused with what is wrong, before anything is made of it."""
    with pytest.raises(ProtocolError) as raised:
        Frame.from_bytes(raw)
    assert str(raised.value).startswith(says)


@pytest.mark.parametrize(("raw", "says"), NO_FRAMES)
def test_what_is_no_frame_from_a_socket(ends, raw, says):
    """From a socket the same is refused in the same words, without waiting for what was announced."""
    channel, other = ends
    sender = threading.Thread(target=other.sendall, args=(raw,))
    sender.start()
    with pytest.raises(ProtocolError) as raised:
        channel.receive(seconds=PLENTY)
    sender.join()
    assert str(raised.value).startswith(says)


def test_too_large_to_send():
    """What the other end would refuse is not sent."""

    class Huge(bytes):
        def __len__(self):
            return MAX_BLOB_BYTES + 1

    with pytest.raises(ProtocolError, match=rf"^a frame of 2 \+ {MAX_BLOB_BYTES + 1} bytes is over the limit$"):
        Frame(data={}, blob=Huge()).to_bytes()
    with pytest.raises(ProtocolError, match=rf"^a frame of {MAX_REQUEST_BYTES + 8} \+ 0 bytes is over the limit$"):
        Frame(data={"a": "b" * MAX_REQUEST_BYTES}).to_bytes()


def test_an_answer_is_smaller_than_a_request(ends):
    """What a worker may be asked, it may not answer: the grader takes less, unless it says otherwise."""
    channel, other = ends
    raw = wire(json.dumps({"a": "b" * MAX_JSON_BYTES}).encode())
    sender = threading.Thread(target=other.sendall, args=(raw,))
    sender.start()
    assert len(channel.receive(seconds=PLENTY, most_json=MAX_REQUEST_BYTES).body) == len(raw) - 8
    sender.join()
    other.sendall(raw[:8])
    with pytest.raises(ProtocolError, match=rf"^a frame announces {len(raw) - 8} \+ 0 bytes, over the limit$"):
        channel.receive(seconds=PLENTY)


def test_several_frames_at_once(ends):
    """Frames that arrive together are handed out one by one, the rest being said to be buffered."""
    channel, other = ends
    other.sendall(FRAME.to_bytes() + Frame(data={}).to_bytes())
    assert channel.receive(seconds=PLENTY) == FRAME
    assert channel.has_buffered
    assert channel.receive(seconds=PLENTY) == Frame(data={})
    assert not channel.has_buffered


def test_both_ways():
    """What one channel sends, the other receives; also what is larger than the buffers between them."""
    one, other = map(Channel, socket.socketpair())
    large = Frame(data={}, blob=bytes(3 << 20))
    sender = threading.Thread(target=one.send, args=(large,), kwargs={"seconds": PLENTY})
    sender.start()
    assert other.receive(seconds=PLENTY) == large
    sender.join()
    one.close()
    other.close()


def test_a_slow_sender_in_time(ends):
    """A frame that comes byte by byte is received whole."""
    channel, other = ends

    def send():
        for byte in FRAME.to_bytes():
            other.sendall(bytes([byte]))
            time.sleep(0.001)

    sender = threading.Thread(target=send)
    sender.start()
    assert channel.receive(seconds=PLENTY) == FRAME
    sender.join()


def test_a_sender_that_drips_for_ever(ends):
    """The deadline is for the whole frame: a byte now and then does not put it off."""
    channel, other = ends
    stop = threading.Event()

    def send():
        other.sendall(wire(b"", lengths=(1000, 0)))
        while not stop.wait(SCARCE / 10):
            other.sendall(b" ")

    sender = threading.Thread(target=send)
    sender.start()
    try:
        with pytest.raises(DeadlinePassed):
            channel.receive(seconds=SCARCE)
    finally:
        stop.set()
        sender.join()


@pytest.mark.parametrize(
    "sent",
    [b"", FRAME.to_bytes()[:3], FRAME.to_bytes()[:8], FRAME.to_bytes()[:-1]],
    ids=["nothing", "half a header", "a header", "all but one byte"],
)
def test_silence(ends, sent):
    """Nothing, or too little, is waited for until the deadline."""
    channel, other = ends
    other.sendall(sent)
    with pytest.raises(DeadlinePassed):
        channel.receive(seconds=SCARCE)


@pytest.mark.parametrize("seconds", [None, PLENTY], ids=["for ever", "with a deadline"])
@pytest.mark.parametrize("sent", [b"", FRAME.to_bytes()[:-1]], ids=["nothing", "part of a frame"])
def test_the_other_end_is_gone(ends, sent, seconds):
    """Where the other end closed before its frame was whole, that is said at once."""
    channel, other = ends
    other.sendall(sent)
    other.close()
    with pytest.raises(Closed):
        channel.receive(seconds=seconds)


def test_the_last_frame_before_closing(ends):
    """A whole frame is received though its sender is gone."""
    channel, other = ends
    other.sendall(FRAME.to_bytes())
    other.close()
    assert channel.receive(seconds=PLENTY) == FRAME
    with pytest.raises(Closed):
        channel.receive(seconds=PLENTY)


def test_sending_to_nobody(ends):
    """Sending where nobody listens any more is Closed."""
    channel, other = ends
    other.close()
    with pytest.raises(Closed):
        channel.send(FRAME)


def test_sending_to_one_who_does_not_read(ends):
    """Sending more than is taken ends at the deadline."""
    channel, _ = ends
    with pytest.raises(DeadlinePassed):
        channel.send(Frame(data={}, blob=bytes(8 << 20)), seconds=SCARCE)


def test_nothing_is_unpickled():
    """The bytes of a frame are JSON that any reader could read, and the blob as it was given."""
    raw = FRAME.to_bytes()
    json_bytes, blob_bytes = struct.unpack(">II", raw[:8])
    assert json.loads(raw[8 : 8 + json_bytes]) == FRAME.data
    assert raw[8 + json_bytes :] == FRAME.blob
    assert blob_bytes == len(FRAME.blob)


KEY = bytes(range(32))


@pytest.fixture
def signing():
    """The grader's end with a key, a worker's with the same, and the two sockets."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours, key=KEY), worker_ends(theirs, KEY), ours, theirs


def test_signed_frames_arrive(signing):
    """In both directions, several of them."""
    channel, (send, receive), _, _ = signing
    for number in range(3):
        channel.send(Frame(data={"n": number}, blob=b"b" * number))
        assert receive() == ({"n": number}, b"b" * number)
        send(as_text({"m": number}), b"c" * number)
        assert channel.receive(seconds=PLENTY) == Frame(data={"m": number}, blob=b"c" * number)


def signed_by_worker(*texts):
    """What a worker sends for some texts, piece by piece."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send, _ = worker_ends(theirs, KEY)
        pieces = []
        for text in texts:
            send(text)
            pieces.append(ours.recv(1 << 16))
    return pieces


@pytest.mark.parametrize(
    "forged",
    [
        lambda one, two: Frame(data={"m": 1}).to_bytes() + bytes(16),
        lambda one, two: one.replace(b"true", b"fals"),
        lambda one, two: two,
        lambda one, two: one + one,
    ],
    ids=["not signed", "changed", "one left out", "sent twice"],
)
def test_what_is_not_the_workers_own_is_no_frame(signing, forged):
    """Made by somebody else, changed, left out or doubled on its way."""
    channel, _, _, theirs = signing
    theirs.sendall(forged(*signed_by_worker('{"kept":true}', '{"m":2}')))
    with pytest.raises(ProtocolError, match=r"^a message that is not the worker's own$"):
        [channel.receive(seconds=PLENTY) for _ in range(2)]


def test_a_worker_takes_no_request_that_is_not_the_graders(signing):
    """It ends, as if nobody were there any more."""
    _, (_, receive), ours, _ = signing
    ours.sendall(Frame(data={"n": 1}).to_bytes()[:8] + bytes(16) + b'{"n":1}')
    assert receive() is None
