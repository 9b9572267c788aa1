"""Submissions that would change or exhaust what is around them: files, processes, memory."""

from __future__ import annotations

from tests.hostile import Attempt

SYSTEM_CALL = """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall({call}) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "done"
"""

ATTEMPTS = {
    "writes the results": Attempt(
        numbers="34", needs="good", code="open('<OTHER>/results.json', 'w').write('100'); return 'written'"
    ),
    "makes the results read-only": Attempt(
        numbers="34", needs="good", code="os.chmod('<OTHER>/results.json', 0o777); return 'changed'"
    ),
    "writes into the cache": Attempt(
        numbers="38", needs="good", code="open('<CACHE>/junk', 'w').write('junk'); return 'written'"
    ),
    "cuts the cache short": Attempt(
        numbers="38",
        needs="good",
        code="""
        files = [each for each in glob.glob("<CACHE>/**", recursive=True) if os.path.isfile(each)]
        for each in files: open(each, "r+b").truncate(100)
        return files or next(iter([]))
        """,
    ),
    "writes into the course": Attempt(
        numbers="1", needs="good", code="open('<COURSE>/exercises/init_hidden/drive.py', 'a').close(); return 'open'"
    ),
    "fills /dev/shm": Attempt(
        numbers="54", needs="good", code="open('/dev/shm/<MARK>', 'wb').write(bytes(1 << 20)); return 'written'"
    ),
    "makes files in memory": Attempt(
        numbers="53", needs="good", code="os.write(os.memfd_create('x'), bytes(1 << 20)); return 'written'"
    ),
    "writes a file without end": Attempt(
        numbers="55", code="file = open('large', 'wb')\nwhile True: file.write(bytes(8 << 20))"
    ),
    "makes thousands of files": Attempt(
        numbers="55", code="return [open(f'file{index}', 'w').close() for index in range(3000)][0]"
    ),
    "forks": Attempt(
        numbers="50",
        needs="good",
        code="for _ in range(20):\n    if os.fork() == 0: time.sleep(600); os._exit(0)\nreturn 'forked'",
    ),
    "starts a program": Attempt(
        numbers="50", needs="good", code="import subprocess; return subprocess.Popen(['sleep', '600']).pid"
    ),
    "leaves a daemon": Attempt(
        numbers="60",
        needs="good",
        code="""
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0: time.sleep(600)
            os._exit(0)
        return "left"
        """,
    ),
    "starts many threads": Attempt(
        numbers="51",
        code="return [threading.Thread(target=time.sleep, args=(600,), daemon=True).start() for _ in range(300)][0]",
    ),
    "takes the memory of an accelerator": Attempt(
        numbers="57", code="return torch.empty(1 << 33, dtype=torch.uint8, device='cuda').shape"
    ),
    "takes all memory": Attempt(numbers="52", code="taken = []\nwhile True: taken.append(bytearray(64 << 20))"),
    "signals its parent": Attempt(
        numbers="58", needs="good", code="os.kill(os.getppid(), signal.SIGWINCH); return 'sent'"
    ),
    "signals the grader": Attempt(numbers="58", needs="good", code="os.kill(<GRADER>, signal.SIGWINCH); return 'sent'"),
    "changes the limits of its parent": Attempt(
        numbers="59",
        needs="good",
        code="""
        which, parent = resource.RLIMIT_CORE, os.getppid()
        return resource.prlimit(parent, which, resource.prlimit(parent, which))
        """,
    ),
    "changes the priority of its parent": Attempt(
        numbers="59",
        needs="good",
        code="""
        which, parent = os.PRIO_PROCESS, os.getppid()
        return os.setpriority(which, parent, os.getpriority(which, parent))
        """,
    ),
    "types into the terminal": Attempt(
        numbers="61", code="fcntl.ioctl(open('/dev/tty', 'rb', 0), 0x5412, b'x'); return 'typed'"
    ),
    "sets up io_uring": Attempt(
        numbers="62", needs="good", code=SYSTEM_CALL.format(call="425, 1, ctypes.create_string_buffer(120)")
    ),
    "makes a namespace of users": Attempt(numbers="63", needs="good", code=SYSTEM_CALL.format(call="272, 0x10000000")),
}
