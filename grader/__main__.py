"""``python -m grader``."""

import sys

if not sys.flags.safe_path:
    del sys.path[0]  # the folder that Python was started in: a numpy.py in it may be a submission's

from grader.cli import main

main()
