"""Runs the tests of the page's scripts, which are written for Node's own test runner."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.servers import missing

HERE = Path(__file__).parent


def test_scripts() -> None:
    """The scripts do what their own tests say."""
    node = shutil.which("node") or missing("Node.js")
    done = subprocess.run([node, "--test", str(HERE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
