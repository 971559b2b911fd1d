"""A database that another program holds."""

from __future__ import annotations

from http import HTTPStatus
from sqlite3 import OperationalError

import pytest

from tests.browser.manifests import daemonset, rolling
from tests.chaos.inside import Inside, assert_sound
from tests.chaos.visitor import Visitor
from tests.servers import Everynode, wait_until

pytestmark = pytest.mark.chaos
NODES = 100
SOON = 30


def test_database_locked(running: Everynode, inside: Inside, visitor: Visitor) -> None:
    """An edit that gets no turn is refused in words, with nothing half done; then all moves on by itself."""
    name = "locked-out"
    visitor.make(name, nodes=NODES)
    visitor.send(f"clusters/{name}/create/", text=daemonset(update=rolling(2)))
    cluster = inside.id_of(name)
    wait_until(lambda: inside.updated(cluster, "agent:1") == NODES, within=90, what="all pods")
    visitor.send(f"clusters/{name}/sets/default/agent/do/", action="image", container="main", image="agent:2")
    wait_until(lambda: inside.updated(cluster, "agent:2") > 0, what="the first new pod")

    wait_until(lambda: locked_out(running, inside, visitor, name), within=60, what="a refusal")
    assert (
        inside.rows("SELECT 1 FROM controller_auditentry WHERE cluster_name = ? AND about = 'node-001'", name)
        == []
    )
    stood = inside.updated(cluster, "agent:2")
    wait_until(lambda: inside.updated(cluster, "agent:2") > stood, within=SOON, what="the next pod")
    wait_until(lambda: inside.updated(cluster, "agent:2") == NODES, within=90, what="the end of the rollout")
    assert_sound(inside, cluster, nodes=NODES)
    assert visitor.label(name, "node-001", "disk=ssd")[0] == HTTPStatus.OK
    assert "Traceback" not in running.said


def locked_out(running: Everynode, inside: Inside, visitor: Visitor, cluster: str) -> bool:
    """Hold the lock until a page and the worker gave up; return whether it was to be had."""
    try:
        with inside.locked():
            status, text = visitor.label(cluster, "node-001", "disk=ssd")
            assert status == HTTPStatus.SERVICE_UNAVAILABLE
            assert "Others are writing just now: nothing was changed, please try again." in text
            wait_until(lambda: "has to wait, the database does not answer" in running.said, what="the worker")
    except OperationalError:
        return False  # another had it
    return True
