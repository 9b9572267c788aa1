"""Submissions that look for what they must not know: solutions, other students, the grader's memory."""

from __future__ import annotations

from tests.hostile import Attempt

READ_MEMORY = """
    # what can be written of the own memory, in pieces
    text = b""
    with open("/proc/self/mem", "rb", 0) as memory:
        for line in open("/proc/self/maps"):
            start, end = (int(each, 16) for each in line.split()[0].split("-"))
            if "rw" in line and end - start < 64 << 20 and "[v" not in line:
                try: memory.seek(start); text += found(memory.read(end - start)).encode()
                except OSError: pass
    return text
"""

ATTEMPTS = {
    "opens the reference": Attempt(
        numbers="1", needs="good", code="return open('<COURSE>/solutions/init_hidden/solution.py').read()[-100:]"
    ),
    "opens the misconceptions": Attempt(
        numbers="1", needs="good", code="return open('<COURSE>/solutions/init_hidden/misconceptions.py').read()[-100:]"
    ),
    "lists the course": Attempt(numbers="1", needs="good", code="return os.listdir('<COURSE>/solutions')"),
    "opens another student's submission": Attempt(
        numbers="12", needs="good", code="return open('<OTHER>/grace.py').read()"
    ),
    "puts another student's submission into its folder": Attempt(
        numbers="12", needs="good", code="import shutil; return open(shutil.copy('<OTHER>/grace.py', 'mine.py')).read()"
    ),
    "opens a key of ssh": Attempt(
        numbers="13", needs="good", code="return open(os.path.expanduser('<HOME>/.ssh/id_rsa')).read()"
    ),
    "asks the socket of a service": Attempt(
        numbers="13",
        needs="good",
        code="s = socket.socket(socket.AF_UNIX); s.connect('<SERVICE>'); s.sendall(b'GET /'); return 'connected'",
    ),
    "opens the metadata of the platform": Attempt(
        numbers="14", needs="good", code="return open('<OTHER>/submission_metadata.json').read()"
    ),
    "carries a secret out in an exception": Attempt(
        numbers="12", needs="good", code="raise RuntimeError(open('<OTHER>/grace.py').read())"
    ),
    "walks frames": Attempt(
        numbers="2",
        code="""
        frame, texts = sys._getframe(), []
        while frame is not None:
            texts.append(repr(frame.f_globals) + repr(frame.f_locals))
            frame = frame.f_back
        return found("".join(texts).encode("utf-8", "replace"))
        """,
    ),
    "searches all objects": Attempt(
        numbers="3",
        code="""
        gc.unfreeze()
        texts = [str(each) for each in gc.get_objects() if type(each) in (dict, list, tuple) and len(each) < 200]
        return found("".join(texts).encode("utf-8", "replace"))
        """,
    ),
    "searches modules and the lines kept of sources": Attempt(
        numbers="4",
        code="""
        import linecache
        others = [each for name, each in sys.modules.items() if each and not name.startswith("torch")]
        texts = [repr(vars(each)) for each in others]
        return found((repr(linecache.cache) + "".join(texts)).encode("utf-8", "replace"))
        """,
    ),
    "reads the grader's memory": Attempt(
        numbers="5",
        needs="good",
        code="f = open('/proc/<GRADER>/mem', 'rb', 0); f.seek(<ADDRESS>); return found(f.read(200))",
    ),
    "reads the grader's memory by a system call": Attempt(
        numbers="6",
        needs="good",
        code="""
        class Piece(ctypes.Structure): _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
        buffer, libc = ctypes.create_string_buffer(200), ctypes.CDLL(None, use_errno=True)
        here, there = Piece(ctypes.addressof(buffer), 200), Piece(<ADDRESS>, 200)
        if libc.process_vm_readv(<GRADER>, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return found(buffer.raw)
        """,
    ),
    "traces the grader": Attempt(
        numbers="7",
        needs="good",
        code="""
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.ptrace(0x4206, <GRADER>, None, None) < 0:  # PTRACE_SEIZE, which does not stop it
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        return "traced"
        """,
    ),
    "reads the environment of its parent": Attempt(
        numbers="8", code="return found(open(f'/proc/{os.getppid()}/environ', 'rb').read())"
    ),
    "reads the command line of its parent": Attempt(
        numbers="8", code="return found(open(f'/proc/{os.getppid()}/cmdline', 'rb').read())"
    ),
    "reads the environment of another process": Attempt(
        numbers="8", needs="good", code="return found(open('/proc/<NEIGHBOUR>/environ', 'rb').read())"
    ),
    "reads its own environment": Attempt(numbers="9", code="return found(repr(os.environ).encode())"),
    "reads inherited descriptors": Attempt(
        numbers="10",
        code="""
        texts = []
        for descriptor in range(3, 256):
            try: texts.append(os.pread(descriptor, 100_000, 0))
            except OSError: pass
        return found(b"".join(texts))
        """,
    ),
    "reads memory that was freed": Attempt(
        numbers="11",
        code="""
        torch.utils.deterministic.fill_uninitialized_memory = False
        return found(b"".join(torch.empty(1 << size, dtype=torch.uint8).numpy().tobytes() for size in range(4, 23)))
        """,
    ),
    "reads its own memory": Attempt(numbers="11", code=READ_MEMORY),
    "opens the fork server's memory to write": Attempt(
        numbers="15", needs="good", code="open(f'/proc/{os.getppid()}/mem', 'r+b', 0).close(); return 'open'"
    ),
    "connects by TCP": Attempt(
        numbers="65",
        needs="good",
        code="socket.create_connection(('127.0.0.1', <TCP>), 2).sendall(b'hello'); return 'sent'",
    ),
    "sends by UDP": Attempt(
        numbers="66",
        needs="good",
        code="socket.socket(type=socket.SOCK_DGRAM).sendto(b'hello', ('127.0.0.1', <UDP>)); return 'sent'",
    ),
    "connects to an abstract socket": Attempt(
        numbers="67",
        needs="good",
        code="s = socket.socket(socket.AF_UNIX); s.connect('\\0<ABSTRACT>'); s.sendall(b'hello'); return 'sent'",
    ),
}
