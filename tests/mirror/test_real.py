"""``make real``, on our own API."""

from __future__ import annotations

from pathlib import Path

import pytest

from controller.upstream import kubeconfig
from tests.real.run import tried
from tests.real.upstream import Cluster
from tests.servers import Everynode

NODES = 4


@pytest.mark.parametrize(("nodes", "kubelet"), [("ok", False), ("fake", True)])
def test_a_trial(everynode: Everynode, tmp_path: Path, nodes: str, *, kubelet: bool) -> None:
    """Every step of a trial succeeds, with machines and without, and nothing is left of it."""
    name = f"trial-{nodes}"
    file = tmp_path / "kubeconfig"
    file.write_text(everynode.cluster(name, nodes=NODES, delay=600 if kubelet else 0.1))
    everynode.manage("cluster", "add", f"{name}-real", "--kubeconfig", str(file))
    connection = kubeconfig.read(file.read_text())
    cluster = Cluster(connection)
    with cluster.prepared(fake=nodes == "fake", kubelet=kubelet):
        # A machine that the suite keeps busy is no measure.
        failed = tried(cluster, everynode, f"{name}-real", limit=20, labels=True)
    assert not failed
    left = Cluster(connection)
    with left.client:
        assert len(left.items("Node")) == NODES
        assert not [one for one in left.items("Node") if cluster.name in one["metadata"]["labels"]]
        assert not left.items("DaemonSet")
        spaces = {one["metadata"]["name"] for one in left.items("Namespace")}
        assert cluster.name not in spaces
