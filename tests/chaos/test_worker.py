"""A worker that dies in the middle of a pass."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.browser.manifests import daemonset, rolling
from tests.chaos.inside import Inside, assert_sound
from tests.chaos.visitor import Visitor
from tests.servers import Everynode, wait_until

pytestmark = pytest.mark.chaos
NODES = 150
SOON = 30
"""Seconds after which a cluster moves on by itself, whatever died: thrice what is promised."""


def kill_at(running: Everynode, moment: Callable[[], bool]) -> int:
    """Kill the worker at a moment that is only there while it works; return the process that died."""
    worker = int(running.run["pids"]["worker"])

    def caught() -> bool:
        os.kill(worker, signal.SIGSTOP)
        if moment():  # it stands still, so this stays true until it is dead
            os.kill(worker, signal.SIGKILL)
            return True
        os.kill(worker, signal.SIGCONT)
        return False

    wait_until(caught, within=30, what="the moment")
    return worker


@pytest.mark.parametrize("during", ["pass", "commit"])
def test_a_worker_killed_in_the_middle(
    running: Everynode, inside: Inside, visitor: Visitor, during: str
) -> None:
    """A rolling update whose worker dies goes on soon: no pod doubled or lost, no number missing."""
    name = f"killed-in-a-{during}"
    visitor.make(name, nodes=NODES)
    visitor.send(f"clusters/{name}/create/", text=daemonset(update=rolling(5)))
    cluster = inside.id_of(name)
    wait_until(lambda: inside.updated(cluster, "agent:1") == NODES, within=90, what="all pods")
    visitor.send(f"clusters/{name}/sets/default/agent/do/", action="image", container="main", image="agent:2")
    wait_until(lambda: inside.updated(cluster, "agent:2") >= NODES // 5, within=90, what="a part of it")

    holds = {"pass": lambda: inside.is_passing(cluster, time.time()), "commit": inside.is_locked}[during]
    dead = kill_at(running, holds)
    stood = inside.updated(cluster, "agent:2")
    assert stood < NODES
    wait_until(lambda: inside.updated(cluster, "agent:2") > stood, within=SOON, what="the next pod")
    wait_until(lambda: inside.updated(cluster, "agent:2") == NODES, within=90, what="the end of the rollout")
    assert running.run["pids"]["worker"] != dead
    assert_sound(inside, cluster, nodes=NODES)
