"""Real kubectl on a Deployment: made, exposed, rolled out, paused, undone and scaled."""

from __future__ import annotations

import pytest

from tests.apiserver.test_kubectl_pods import Kubectl
from tests.servers import Everynode

WAIT = ("--timeout", "20s")


@pytest.fixture(name="kubectl", scope="module")
def _kubectl(everynode: Everynode, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    return Kubectl(everynode.cluster("deployed", nodes=2), tmp_path_factory.mktemp("kubectl"))


def done(kubectl: Kubectl, *words: str) -> str:
    """Return what a command prints, which must succeed."""
    run = kubectl(*words)
    assert run.returncode == 0, run.stderr
    return run.stdout


def rolled_out(kubectl: Kubectl) -> None:
    """Wait until the rollout is complete."""
    assert "successfully rolled out" in done(kubectl, "rollout", "status", "deploy/web", *WAIT)


def history(kubectl: Kubectl) -> list[str]:
    """Return the numbers of the history."""
    told = done(kubectl, "rollout", "history", "deploy/web").splitlines()
    return [line.split()[0] for line in told[2:] if line.strip()]


def test_the_life_of_a_deployment(kubectl: Kubectl) -> None:
    """Every command of kubectl for Deployments does what it says."""
    done(kubectl, "create", "deployment", "web", "--image=nginx:1", "--replicas=3", "--port=80")
    rolled_out(kubectl)
    (row,) = done(kubectl, "get", "deploy", "web", "-o", "wide", "--no-headers").splitlines()
    assert row.split()[:4] + row.split()[5:] == ["web", "3/3", "3", "3", "nginx", "nginx:1", "app=web"]
    assert "exposed" in done(kubectl, "expose", "deployment", "web", "--port=80")

    done(kubectl, "set", "image", "deploy/web", "nginx=nginx:2")
    rolled_out(kubectl)
    done(kubectl, "rollout", "restart", "deploy/web")
    rolled_out(kubectl)
    assert history(kubectl) == ["1", "2", "3"]

    done(kubectl, "rollout", "pause", "deploy/web")
    done(kubectl, "set", "image", "deploy/web", "nginx=nginx:3")
    assert "paused deployment" in kubectl("rollout", "undo", "deploy/web").stderr
    done(kubectl, "rollout", "resume", "deploy/web")
    rolled_out(kubectl)
    done(kubectl, "rollout", "undo", "deploy/web", "--to-revision=1")
    rolled_out(kubectl)
    assert history(kubectl) == ["2", "3", "4", "5"]
    assert "nginx:1" in done(kubectl, "rollout", "history", "deploy/web", "--revision=5")

    done(kubectl, "scale", "deploy/web", "--replicas=1")
    rolled_out(kubectl)
    described = done(kubectl, "describe", "deploy", "web")
    assert "1 desired | 1 updated | 1 total | 1 available | 0 unavailable" in described
    assert "Normal  ScalingReplicaSet" in described
    done(kubectl, "delete", "deploy", "web", "--cascade=foreground")
    assert done(kubectl, "get", "deploy,rs,pods", "-o", "name") == ""
