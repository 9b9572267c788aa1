"""``python -m grader``."""

import os
import sys

if not sys.flags.safe_path:
    # the folder that Python was started in: a numpy.py in it may be a submission's; last, ours hides nothing, and the
    # processes that are started find it where the package is not installed
    sys.path[:1] = []
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from grader.cli import main

main()
