"""Where the kubectls of this machine are, by their minor version.

Besides the one on PATH, machines often have others beside it, named for their versions.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from tests.servers import missing

OLDEST = 27
"""The first minor version that knows all commands of the documents, such as events and auth whoami."""

NAMED = re.compile(r"kubectl([.-]?v?1\.\d+(\.\d+)?)?(\.exe)?")
"""Such as kubectl, kubectl.1.32, kubectl-1.32 and kubectl1.32."""


@cache
def minor_of(program: str) -> str:
    """Return the minor version as the program tells it: ``32``, or ``32+`` for one that was changed."""
    words = [program, "version", "--client", "-o", "json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    return str(json.loads(done.stdout)["clientVersion"]["minor"]) if done.returncode == 0 else ""


@cache
def found() -> dict[str, str]:
    """Return the programs of this machine by minor version, those on PATH before those beside them."""
    folders = [Path(folder) for folder in os.get_exec_path()]
    if usual := shutil.which("kubectl"):
        folders.append(Path(usual).resolve().parent)
    programs = [
        path
        for folder in dict.fromkeys(folders)
        if folder.is_dir()
        for path in sorted(folder.iterdir())
        if NAMED.fullmatch(path.name) and os.access(path, os.X_OK)
    ]
    by_minor: dict[str, str] = {}
    for path in dict.fromkeys(path.resolve() for path in programs):
        if minor := minor_of(str(path)):
            by_minor.setdefault(minor, str(path))
    return by_minor


def kubectl(minor: str = "") -> str:
    """Return the kubectl of a minor version, else the one that a person would use today.

    That is the one on PATH, unless it is older than ``OLDEST`` and a newer one stands beside it. Skips
    the test if there is none: one at all must be there under CI, which version nobody can ask for.
    """
    if minor:
        return found().get(minor) or missing(f"kubectl 1.{minor}", everywhere=False)
    if not found():
        missing("kubectl")
    usual = next((path for told, path in found().items() if int(told.rstrip("+")) >= OLDEST), None)
    return usual or missing(f"kubectl 1.{OLDEST} or newer", everywhere=False)
