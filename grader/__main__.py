"""Where the program begins, as ``grader`` and as ``python -m grader``: it can be interrupted from here on.

Nothing is imported before that but what Python has loaded already. Until there is something to clear up, Ctrl-C ends
the process at once; then ``ending.py`` sees to it.
"""

import os
import sys


def main() -> None:
    """The command line, from its first moment to its last."""
    import signal  # after the path is in order, for it loads other modules

    def leave(number: int, frame: object) -> None:
        os.write(2, b"grader: interrupted; nothing was written.\n")
        os._exit(128 + number)

    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # else it is ignored, or somebody else's
    if heard:
        signal.signal(signal.SIGINT, leave)
    from grader.cli import main as run

    try:
        if heard:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        run()
    except KeyboardInterrupt:  # in the moment before, or after, it is heard there
        leave(signal.SIGINT, None)
    finally:
        if heard:
            signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    if not sys.flags.safe_path:
        # the folder that Python was started in: a numpy.py in it may be a submission's; last, ours hides nothing, and
        # the processes that are started find it where the package is not installed
        sys.path[:1] = []
        sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    main()
