"""The architecture is a test: who may import whom, and that vendored files are what they were."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import BASE

LINT = str(Path(sys.executable).with_name("lint-imports"))


def test_imports_point_down_only() -> None:
    """Every import contract of pyproject.toml holds."""
    done = subprocess.run([LINT, "--no-cache"], cwd=BASE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("tool", ["vendor.py", "gates.py"])
def test_gates(tool: str) -> None:
    """Vendored files have their noted sums; no function and no module is over its limit."""
    words = [sys.executable, f"tools/{tool}", "--check"]
    done = subprocess.run(words, cwd=BASE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
