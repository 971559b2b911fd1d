"""Where the clients are that `tools/clients.py` installs, and a run of one of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.servers import BASE, missing

HERE = Path(__file__).resolve().parent
PLACE = BASE / ".venv" / "clients"
MOST = 120.0


def program(name: str) -> str:
    """Return the path of a program among the clients. Without it the test is skipped; under CI it fails."""
    path = PLACE / "bin" / name
    return str(path) if path.exists() else missing(f"{name} among the clients (python -m tools.clients)")


def run(
    *command: str, kubeconfig: Path, more: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a client to its end, with this kubeconfig."""
    env = {**os.environ, "KUBECONFIG": str(kubeconfig), **(more or {})}
    return subprocess.run(
        command,
        env=env,
        cwd=kubeconfig.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=MOST,
        check=False,
    )
