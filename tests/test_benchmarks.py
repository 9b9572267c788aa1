"""The benchmarks can be started: their figures are read by people, so nothing else would notice that they can't."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[1]


def run(*arguments):
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300)


def test_every_measurement_is_offered():
    """The script finds what it needs of the grader, and names what it can measure."""
    done = run("benchmarks/run.py", "--help")
    assert done.returncode == 0, done.stderr
    for name in ("marginal", "reading", "pytest", "cold", "shrink", "memory", "detection"):
        assert name in done.stdout


@pytest.mark.skipif(torch.cuda.is_available(), reason="is for machines without CUDA")
def test_no_gpu_is_no_failure():
    """Where there is no CUDA, the GPU checks say so and are not counted as failed."""
    done = run("benchmarks/gpu_check.py")
    assert done.returncode == 0, done.stderr
    assert "There is no cuda here" in done.stdout
