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

NAMED = re.compile(r"kubectl([.-]?v?1\.\d+(\.\d+)?)?(\.exe)?")
"""Such as kubectl, kubectl.1.32, kubectl-1.32 and kubectl1.32."""


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
        by_minor.setdefault(minor_of(str(path)), str(path))
    return by_minor


def kubectl(minor: str = "") -> str:
    """Return the kubectl of a minor version, or the usual one. Skips the test if there is none.

    The usual one must be there under CI; other versions need not.
    """
    if not minor:
        return shutil.which("kubectl") or missing("kubectl")
    return found().get(minor) or missing(f"kubectl 1.{minor}", everywhere=False)
