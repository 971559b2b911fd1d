"""A Redis that dies and comes back."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import pytest

from tests.browser.manifests import SSD_MONITOR
from tests.chaos.inside import Inside
from tests.chaos.visitor import Visitor
from tests.servers import Everynode, wait_until

pytestmark = pytest.mark.chaos
SOON = 30
AT_ONCE = 5
"""Seconds: an edit waits for no Redis, but the machine may be busy."""


@contextmanager
def without_redis(running: Everynode) -> Iterator[None]:
    """Kill Redis, and keep its supervisor from starting it again until the block ends."""
    redis, supervisor = running.run["pids"]["redis"], running.run["pid"]
    os.kill(supervisor, signal.SIGSTOP)
    try:
        os.kill(redis, signal.SIGKILL)
        yield
    finally:
        os.kill(supervisor, signal.SIGCONT)
    wait_until(lambda: running.run["pids"]["redis"] != redis, what="another Redis")


def test_redis_killed(running: Everynode, inside: Inside, visitor: Visitor) -> None:
    """Without Redis edits commit at once; once it is back the cluster and its pages move on by themselves."""
    name = "without-redis"
    visitor.make(name, nodes=3)
    visitor.send(f"clusters/{name}/create/", text=SSD_MONITOR)
    cluster = inside.id_of(name)
    with visitor.looking(name) as page:
        wait_until(lambda: page.hear(1) and page.state is not None, what="a snapshot")
        with without_redis(running):
            began = time.monotonic()
            assert visitor.label(name, "node-2", "disk=ssd")[0] == HTTPStatus.OK
            assert time.monotonic() - began < AT_ONCE
        wait_until(lambda: inside.updated(cluster, "luksa/ssd-monitor") == 1, within=SOON, what="the pod")
        wait_until(lambda: page.hear(0.2) and page.cell("node-2") == "new", within=SOON, what="the lit cell")
        # The line works as before.
        visitor.label(name, "node-2", "disk=hdd")
        wait_until(
            lambda: page.hear(0.2) and page.cell("node-2") == "none", within=SOON, what="the dark cell"
        )
