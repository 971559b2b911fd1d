"""The real Helm with a chart of a DaemonSet, an account and its configuration."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.clients.installed import HERE, program, run
from tests.servers import missing, wait_until

CHART = HERE / "helm" / "agent"
WAIT = ("--wait", "--timeout", "40s")


class Helm:
    """Helm and kubectl at a kubeconfig."""

    def __init__(self, kubeconfig: Path) -> None:
        if (sys.platform, platform.machine()) != ("linux", "x86_64"):
            missing("Helm for this kind of machine", everywhere=False)
        self.kubeconfig = kubeconfig
        self.homes = {f"HELM_{name}_HOME": str(kubeconfig.parent) for name in ("CACHE", "CONFIG", "DATA")}

    def __call__(self, *words: str, by: str = "helm") -> str:
        """Run a command that succeeds; return what it prints."""
        done = run(program(by), *words, kubeconfig=self.kubeconfig, more=self.homes)
        assert done.returncode == 0, (words, done.stdout)
        return done.stdout

    def found(self, kind: str) -> dict[str, Any]:
        """Return the object of the release of a kind."""
        return dict(json.loads(self("get", kind, "agents", "-o", "json", by="kubectl")))

    def revisions(self) -> list[tuple[str, str]]:
        """Return what its history tells: how each revision stands, and what it was."""
        told = json.loads(self("history", "agents", "-o", "json"))
        return [(one["status"], one["description"]) for one in told]


@pytest.mark.parametrize("applied", ["true", "false"])
def test_a_release_comes_and_goes(kubeconfig: Path, applied: str) -> None:
    """Install, upgrade, roll back and uninstall, by server-side apply (as Helm 4) or by patches (as 3).

    Each waits until the pods are ready, or the objects gone.
    """
    helm = Helm(kubeconfig)
    assert "agents greets with hello in client-" in helm("install", "agents", str(CHART), *WAIT)
    assert helm.found("daemonset")["status"]["numberAvailable"] == 3

    how = (f"--server-side={applied}", "--force-conflicts") if applied == "true" else ("--server-side=false",)
    helm("upgrade", "agents", str(CHART), "--set", "image=nginx:1.26,greeting=servus", *how, *WAIT)
    status = helm.found("daemonset")["status"]
    assert (status["updatedNumberScheduled"], status["numberAvailable"]) == (3, 3)
    assert helm.found("configmap")["data"] == {"greeting": "servus"}

    helm("rollback", "agents", "1", *how, *WAIT)
    (container,) = helm.found("daemonset")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "nginx:1.25"
    assert helm.revisions() == [
        ("superseded", "Install complete"),
        ("superseded", "Upgrade complete"),
        ("deployed", "Rollback to 1"),
    ]

    helm("uninstall", "agents", *WAIT)
    # Helm waits for what it made; the pods go as their containers stop.
    wait_until(lambda: helm("get", "pods", "-o", "name", by="kubectl") == "", what="the end of the pods")
    left = helm("get", "ds,sa,cm,secret", "-o", "name", by="kubectl").split()
    assert left == ["serviceaccount/default", "configmap/kube-root-ca.crt"]


@pytest.mark.parametrize("how", ["--server-side=true", "--server-side=false"])
def test_the_chart_that_helm_writes_is_installed(kubeconfig: Path, how: str) -> None:
    """``helm create`` makes a Deployment, a Service, an account and an Ingress; all stand, and the pod runs.

    Its own test, a pod that calls the Service, passes. Of its autoscaler it is said why there is none.
    """
    helm = Helm(kubeconfig)
    helm("create", "hello")
    helm("install", "agents", "./hello", "--set", "ingress.enabled=true", how, *WAIT)
    listed = helm("get", "ingress", by="kubectl")
    assert "chart-example.local" in listed
    assert "1/1" in helm("get", "deployment", "agents-hello", by="kubectl")

    command = (program("kubectl"), "autoscale", "deployment", "agents-hello", "--max=3")
    done = run(*command, kubeconfig=kubeconfig)
    assert done.returncode == 1
    assert "autoscaling is not simulated" in done.stdout
    assert "Phase:          Succeeded" in helm("test", "agents", "--timeout", "40s")
    told = helm("logs", "agents-hello-test-connection", by="kubectl")
    assert "Connecting to agents-hello (" in told
    helm("uninstall", "agents", *WAIT)


def test_top_shows_what_pods_ask_for(kubeconfig: Path) -> None:
    """Nodes and pods are answered for by the metrics API."""
    helm = Helm(kubeconfig)
    helm("install", "agents", str(CHART), *WAIT)
    assert len(helm("top", "pods", by="kubectl").splitlines()) == 4
    assert "CPU(cores)" in helm("top", "nodes", by="kubectl")
    helm("uninstall", "agents", *WAIT)
