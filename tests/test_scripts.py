"""The page's scripts, in a JavaScript engine without a browser. In a browser: tests/browser."""

from __future__ import annotations

import shutil
import subprocess

from tests.servers import BASE, missing


def test_scripts() -> None:
    """What tests/js says of the page's scripts holds."""
    node = shutil.which("node") or missing("Node.js")
    files = [str(path) for path in sorted((BASE / "tests" / "js").glob("*.test.mjs"))]
    done = subprocess.run([node, "--test", *files], cwd=BASE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
