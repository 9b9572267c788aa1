"""Where the program begins, as ``grader`` and as ``python -m grader``: it can be interrupted from here on, and takes
nothing that lies in the folder it is started in for a package that it needs.

Nothing is imported before that but what Python has loaded already. Until there is something to clear up, Ctrl-C ends
the process at once; then ``ending.py`` sees to it.
"""

import io
import os
import sys

_NEEDED = ("click", "hypothesis", "nbformat", "numpy", "safetensors", "torch")


def main() -> None:
    """The command line, from its first moment to its last."""
    _open_what_is_closed()
    _leave_out_this_folder()
    import signal  # only now, for it loads other modules

    def leave(number: int, frame: object) -> None:
        os.write(2, b"grader: interrupted; nothing was written.\n")
        os._exit(128 + number)

    heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # else it is ignored, or somebody else's
    if heard:
        signal.signal(signal.SIGINT, leave)
    _check_what_is_needed()
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


def _open_what_is_closed() -> None:
    """Opens the null device for each standard stream that is closed, which the next file to be opened would become."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  as long as the program runs
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # where it is no UTF-8, a sign that it lacks is no reason to end


def _leave_out_this_folder() -> None:
    """Takes the current folder from where modules are found: a numpy.py in it may be a submission's.

    Our own goes last, where it hides nothing; the processes that are started find it there where it is not installed.
    """
    try:
        here = os.path.realpath("")
    except OSError:  # it was removed
        here = ""
    sys.path[:] = [path for path in sys.path if path and os.path.realpath(path) != here]
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _check_what_is_needed() -> None:
    """Ends the program where a file of somebody's own would be taken for a package."""
    for folder in sys.path:
        for name in _NEEDED:
            path = os.path.join(folder, f"{name}.py")
            if os.path.isfile(path):
                sys.stderr.write(
                    f"grader: {path} stands in the way of the package {name}, which the grader needs. "
                    "Rename it, or take its folder out of PYTHONPATH.\n"
                )
                sys.exit(2)


if __name__ == "__main__":
    main()
