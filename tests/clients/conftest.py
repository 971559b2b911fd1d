"""A cluster for the clients, and a namespace of its own for each that is tried."""

from __future__ import annotations

import uuid
from pathlib import Path

import httpx
import pytest
import yaml

from tests.servers import Everynode


@pytest.fixture(name="handed_out", scope="session")
def _handed_out(everynode: Everynode) -> str:
    """Make a cluster of three machines; return the kubeconfig that is handed out for it."""
    return everynode.cluster("clients", nodes=3)


@pytest.fixture(name="kubeconfig")
def _kubeconfig(handed_out: str, tmp_path: Path) -> Path:
    """Make a namespace; return the path of a kubeconfig that is the one handed out, but for it."""
    name = f"client-{uuid.uuid4().hex[:8]}"
    server = yaml.safe_load(handed_out)["clusters"][0]["cluster"]["server"]
    httpx.post(f"{server}/api/v1/namespaces", json={"metadata": {"name": name}}).raise_for_status()
    path = tmp_path / "kubeconfig"
    path.write_text(handed_out.replace("namespace: default", f"namespace: {name}"))
    return path
