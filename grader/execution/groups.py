"""Which control groups this process is in."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")


def own_groups() -> dict[str, Path]:
    """Folders by controller; that of version 2, which has all controllers, under the empty name."""
    try:
        lines = _OWN.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    found = [line.split(":", 2) for line in lines]
    return {kind: _ROOT / kind / path.lstrip("/") for _, kinds, path in found for kind in kinds.split(",")}
