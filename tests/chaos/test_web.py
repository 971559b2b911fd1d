"""A web process that dies."""

from __future__ import annotations

import os
import signal

import pytest

from tests.browser.manifests import daemonset, rolling
from tests.chaos.inside import Inside, assert_sound
from tests.chaos.visitor import Visitor
from tests.servers import Everynode, wait_until

pytestmark = pytest.mark.chaos
NODES = 60
SOON = 30
"""Seconds: thrice what is promised, since a machine that runs tests is busy."""


def test_web_killed(running: Everynode, inside: Inside, visitor: Visitor) -> None:
    """The page is back at its address soon, its people still logged in; the rollout did not wait."""
    name = "without-web"
    visitor.make(name, nodes=NODES)
    visitor.send(f"clusters/{name}/create/", text=daemonset(update=rolling(2)))
    cluster = inside.id_of(name)
    wait_until(lambda: inside.updated(cluster, "agent:1") == NODES, within=90, what="all pods")
    visitor.send(f"clusters/{name}/sets/default/agent/do/", action="image", container="main", image="agent:2")
    os.kill(running.run["pids"]["web"], signal.SIGKILL)
    wait_until(lambda: visitor.finds(f"clusters/{name}/", name), within=SOON, what="the page")
    wait_until(lambda: inside.updated(cluster, "agent:2") == NODES, within=90, what="the end of the rollout")
    assert_sound(inside, cluster, nodes=NODES)
    with visitor.looking(name) as page:
        wait_until(lambda: page.hear(1) and page.cell("node-01") == "new", what="a snapshot")
