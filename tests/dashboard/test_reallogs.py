"""Logs of real pods, asked for again when they end: each line once, at the moment that it was written."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from controller.engine.errors import NotFound
from controller.queries.podlines import PodLine
from controller.upstream.client import AsyncClient
from controller.upstream.connection import Connection
from controller.upstream.errors import Upstream
from dashboard.podlogs import why_silent
from dashboard.reallogs import Line, RealLog
from tests.upstream.serving import Answer, Server, serving

PATH = "/api/v1/namespaces/default/pods/agent/log"
POD = PodLine(
    namespace="default",
    name="agent",
    uid="u",
    node="n1",
    bound=True,
    owner="",
    owner_uid="",
    status="Running",
    phase="Running",
    ready=1,
    containers=1,
    restarts=0,
    terminating=False,
    hash="",
    created="",
    behaviour="",
    why="",
)


async def all_told(log: RealLog) -> list[Line]:
    """Ask once; return all that was told."""
    return [line async for lines in log.lines() for line in lines]


def query(server: Server) -> dict[str, str]:
    """Return what was asked for last."""
    return {name: values[0] for name, values in parse_qs(urlsplit(server.asked[-1][0]).query).items()}


async def test_it_goes_on_where_it_was() -> None:
    """What is told again is left out, and what was said while nobody listened is there."""
    first = b"2026-05-01T10:00:00.100000000Z one\n2026-05-01T10:00:00.900000001Z two\n"
    with serving({PATH: Answer(raw=first)}, tls=False) as server:
        client = AsyncClient(Connection(server.url))
        log = RealLog(client, POD, "main", tail=100, previous=False)
        lines = await all_told(log)
        assert [text for _at, text in lines] == ["one", "two"]
        assert lines[1][0] - lines[0][0] == 800
        assert query(server)["tailLines"] == "100"
        server.answers[PATH] = Answer(raw=first + b"2026-05-01T10:00:00.900000002Z three\n")
        assert [text for _at, text in await all_told(log)] == ["three"]
        asked = query(server)
        assert asked["sinceTime"] == "2026-05-01T10:00:00Z"
        assert "tailLines" not in asked
        server.answers[PATH] = Answer(404, {"kind": "Status", "message": "not found"})
        with pytest.raises(NotFound):
            await all_told(log)
        await client.close()


async def test_a_node_of_another_time_zone() -> None:
    """A stamp bears the zone of its machine; what the kubelet itself says bears none, and is told once."""
    answer = b"2026-05-01T18:00:00.5+08:00 one\nunable to retrieve container logs\n"
    with serving({PATH: Answer(raw=answer)}, tls=False) as server:
        client = AsyncClient(Connection(server.url))
        log = RealLog(client, POD, "main", tail=100, previous=False)
        at = 1777629600_500
        assert await all_told(log) == [(at, "one"), (at, "unable to retrieve container logs")]
        assert await all_told(log) == []
        assert query(server)["sinceTime"] == "2026-05-01T10:00:00Z"
        await client.close()


def test_a_kubelet_that_is_not_reached() -> None:
    """It is said who does not reach whom, instead of the address that was asked."""
    said = 'Get "https://10.0.0.1:10250/containerLogs/default/agent/main?follow=true": dial tcp: i/o timeout'
    told = "The API server does not reach the kubelet of n1: dial tcp: i/o timeout"
    assert why_silent(Upstream(said), POD) == told
    assert why_silent(Upstream("container is waiting to start"), POD) == "container is waiting to start"
