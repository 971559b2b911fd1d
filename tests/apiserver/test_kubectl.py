"""Real kubectl against a running Everynode: what it asks before and beside objects."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers import Everynode, everynode_running, missing

Kubectl = Callable[..., str]


def kubectl_with(kubeconfig: str, folder: Path) -> Kubectl:
    """Return kubectl for a kubeconfig, with a cache of its own."""
    program = shutil.which("kubectl") or missing("kubectl")
    (folder / "kubeconfig").write_text(kubeconfig)
    env = {**os.environ, "KUBECONFIG": str(folder / "kubeconfig")}

    def run(*words: str) -> str:
        """Return everything that a command says."""
        command = [program, "--cache-dir", str(folder / "cache"), *words]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30, check=False)
        return done.stdout + done.stderr

    return run


@pytest.fixture(name="kubectl")
def _kubectl(everynode: Everynode, tmp_path: Path) -> Kubectl:
    return kubectl_with(everynode.manage("kubeconfig", "demo"), tmp_path)


def test_versions_are_told(kubectl: Kubectl) -> None:
    """The version of the server is found."""
    assert "Server Version: v1.36" in kubectl("version")


def test_resources_are_found_by_all_their_names(kubectl: Kubectl) -> None:
    """Names, short names, groups and verbs come from the table of kinds."""
    listed = [line.split() for line in kubectl("api-resources", "--no-headers").splitlines()]
    lines = {words[0]: words for words in listed if "metrics.k8s.io/v1beta1" not in words}
    assert lines["daemonsets"] == ["daemonsets", "ds", "apps/v1", "true", "DaemonSet"]
    assert lines["nodes"][1] == "no"
    assert {"configmaps", "leases", "persistentvolumeclaims", "resourcequotas"} <= lines.keys()
    answers = {kubectl("get", name, "-o", "name") for name in ("ds", "daemonset", "daemonsets.apps")}
    assert len(answers) == 1
    assert {"v1", "apps/v1", "events.k8s.io/v1"} <= set(kubectl("api-versions").split())


def test_kubectl_learns_who_it_is_and_what_it_may(kubectl: Kubectl) -> None:
    """These commands speak protobuf."""
    assert "Username    admin" in kubectl("auth", "whoami")
    assert kubectl("auth", "can-i", "create", "daemonsets") == "yes\n"
    assert "[*]" in kubectl("auth", "can-i", "--list")


def test_strangers_are_told_to_log_in(everynode: Everynode, tmp_path: Path) -> None:
    """They see a sentence, no page."""
    text = everynode.manage("kubeconfig", "demo").replace("/evn-", "/evn-not-")
    assert "You must be logged in to the server" in kubectl_with(text, tmp_path)("get", "nodes")


def test_kubectl_comes_over_tls(tmp_path: Path) -> None:
    """`up --tls` hands out kubeconfigs that trust its authority, for the name that was given."""
    with everynode_running(tmp_path / "data", "--tls", "--host", "localhost") as running:
        text = running.manage("kubeconfig", "demo")
        assert f"server: https://localhost:{running.port}/k8s/demo\n" in text
        kubectl = kubectl_with(text, tmp_path)
        assert "Username    admin" in kubectl("auth", "whoami")
        assert "ssd-monitor" in kubectl("get", "ds", "-A")
