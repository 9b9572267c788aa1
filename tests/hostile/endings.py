"""Submissions that end, hang or break their process, or what it sends; each with what a student is told of it."""

from __future__ import annotations

from tests.sources import init_hidden, returning

TOO_LONG = "took too long in one run; the limit is 0.5 s, by case_seconds in course.toml or --case-seconds"
NO_RESULT = "sent something that is no result"
# the socket to the grader, found among the descriptors
SOCKET = (
    "import socket, struct, json\n"
    "line = next(each for each in range(3, 256) if os.path.exists(f'/proc/self/fd/{each}')"
    " and os.readlink(f'/proc/self/fd/{each}').startswith('socket'))\n"
)
PASSES_DESCRIPTORS = (
    "def pass_descriptors():\n"
    "    try: socket.send_fds(socket.socket(fileno=os.dup(line)), [b'\\xff'], [0, 1])\n"
    "    except PermissionError: pass  # from good on\n"
)
FORGED = (
    "def forged():\n"
    "    body = json.dumps({'op': 'trace', 'of': 0, 'outcome': {'returned': True}, 'moments': []}).encode()\n"
    "    return struct.pack('>II', len(body), 0) + body\n"
)
BOOM = "class Boom(Exception):\n    def __str__(self): "

SOURCES = {
    "sys.exit(0) while imported (31)": (
        init_hidden(after="sys.exit(0)"),
        "It ends the program while it is imported (submission.py, line 9). ",
    ),
    "sys.exit(0) in a call (31)": (init_hidden("sys.exit(0)"), "A function must not end the program."),
    "os._exit(0) while imported (32)": (
        init_hidden(after="os._exit(0)"),
        "The submission ended the process itself with exit code 0 (os._exit?) while it was imported.",
    ),
    "os._exit(0) in a call (32)": (
        init_hidden("os._exit(0)"),
        "the submission ended the process itself with exit code 0 (os._exit?).",
    ),
    "writes at exit (33)": (
        init_hidden("raise SystemExit", before="import atexit; atexit.register(print, 'passed')"),
        "A function must not end the program.",
    ),
    "ends the process when collected (33)": (
        returning("Ends()", before="import os\nclass Ends:\n    def __del__(self): os._exit(0)"),
        "exit code 0 (os._exit?)",
    ),
    "a pickle that would run code (39)": (
        returning("(Boom(),)", before="class Boom:\n    def __reduce__(self): return (exit, ())"),
        "an object of type Boom",
    ),
    "a saved file that would run code (40)": (
        returning(
            "open(torch.save(Boom(), 'x.pt') or 'x.pt', 'rb').read()",
            before="class Boom:\n    def __reduce__(self): return (exit, ())",
        ),
        "an object of type bytes",
    ),
    "bytes that are no frame (41)": (
        init_hidden("os.write(line, b'\\xff' * 64)", before=SOCKET),
        NO_RESULT,
    ),
    "a frame of its own (44)": (init_hidden("os.write(line, forged())", before=SOCKET + FORGED), NO_RESULT),
    "descriptors passed (45)": (
        init_hidden(
            "pass_descriptors(); os.path.exists(f'/proc/self/fd/{line}') and os.write(line, b'\\xff' * 8)",
            before=SOCKET + PASSES_DESCRIPTORS,
        ),
        NO_RESULT,
    ),
    "the socket closed (44)": (init_hidden("os.close(line)", before=SOCKET), "the submission"),
    "an endless loop (47)": (init_hidden("while True: pass"), TOO_LONG),
    "signals ignored (48)": (
        init_hidden(
            "while True: pass",
            before="for each in (signal.SIGTERM, signal.SIGALRM, signal.SIGINT): signal.signal(each, signal.SIG_IGN)",
        ),
        TOO_LONG,
    ),
    "every exception caught (49)": (
        init_hidden("while True:\n        try: time.sleep(9)\n        except BaseException: pass"),
        TOO_LONG,
    ),
    "all memory taken in a call (52)": (
        init_hidden("bytearray(8 << 30)"),
        "That is more memory than the limit allows.",
    ),
    "killed by itself (58)": (
        init_hidden("os.kill(os.getpid(), signal.SIGKILL)"),
        "the submission ended the process with SIGKILL",
    ),
    "stopped by itself (58)": (init_hidden("os.kill(os.getpid(), signal.SIGSTOP)"), TOO_LONG),
    "a segmentation fault (64)": (
        init_hidden("import ctypes; ctypes.string_at(0)"),
        "the submission ended the process with SIGSEGV (a segmentation fault).",
    ),
    "a text that hangs (85)": (
        init_hidden("raise Boom", before=BOOM + "\n        while True: pass"),
        TOO_LONG,
    ),
    "a text that raises (85)": (
        init_hidden("raise Boom", before=BOOM + "raise KeyboardInterrupt"),
        "Your code raised Boom: <KeyboardInterrupt while its text was made>",
    ),
    "a text that is none (85)": (
        init_hidden("raise Boom", before=BOOM + "return 7"),
        "Your code raised Boom: <TypeError while its text was made>",
    ),
    "a text that slices itself (85)": (
        init_hidden(
            "raise Boom",
            before="class T(str):\n    __getitem__ = lambda self, index: print\n" + BOOM + "return T('hm')",
        ),
        "Your code raised Boom: hm",
    ),
    "a class whose name raises (85)": (
        init_hidden(
            "raise Boom",
            before="class Meta(type):\n    __name__ = property(lambda self: 1 / 0)\n"
            "class Boom(Exception, metaclass=Meta): pass",
        ),
        "Your code raised Boom.",
    ),
    "torch.compile": (
        init_hidden(before="@torch.compile\ndef helper(x): return x"),
        "torch.compile is not available while grading: it starts a compiler. "
        "Leave it out; the function or module itself computes the same.",
    ),
    "torch.compile with options": (
        init_hidden(before="@torch.compile(dynamic=True)\ndef helper(x): return x"),
        "torch.compile is not available while grading",
    ),
    "compile of a module": (init_hidden("rnn.compile()"), "torch.compile is not available while grading"),
}
