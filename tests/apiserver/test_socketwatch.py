"""Watches over WebSockets, as browsers hold them: events as texts, the token as a subprotocol."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from controller.apiserver.sockets import BEARER
from dashboard.asgi import application
from tests.apiserver.asking import Asker
from tests.clusters import cluster
from tests.live.listening import do, running_hub

pytestmark = pytest.mark.django_db(transaction=True)
NODES = "/api/v1/nodes"


async def opened(path: str, *protocols: str, query: str = "watch=1&resourceVersion=0") -> Any:
    """Return a socket that asks for a path."""
    facts = {"type": "websocket", "path": path, "headers": [], "client": ("127.0.0.1", 1), "scheme": "ws"}
    scope = {**facts, "query_string": query.encode(), "subprotocols": list(protocols)}
    line: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call] # it has none
    await line.send_input({"type": "websocket.connect"})
    return line


async def test_events_come_as_texts() -> None:
    """Each in a message of its own; the socket ends with its watch."""
    asker = await do(Asker, await do(cluster, nodes=2))
    async with running_hub():
        line = await opened(f"{asker.base}{NODES}", query="watch=1&resourceVersion=0&timeoutSeconds=1")
        assert await line.receive_output(10) == {"type": "websocket.accept", "subprotocol": None}
        events = [json.loads((await line.receive_output(10))["text"]) for _ in range(2)]
        assert [event["object"]["metadata"]["name"] for event in events] == ["node-1", "node-2"]
        assert await line.receive_output(10) == {"type": "websocket.close", "code": 1000}


async def test_a_browser_brings_its_token_as_a_subprotocol() -> None:
    """Another one is spoken then, since a browser wants to hear which."""
    asker = await do(Asker, await do(cluster, nodes=1))
    base, token = asker.base.rsplit("/", 1)
    bearer = BEARER + urlsafe_b64encode(token.encode()).decode().rstrip("=")
    async with running_hub():
        line = await opened(f"{base}/api/v1/watch/nodes", bearer, "base64.binary.k8s.io")
        accepted = await line.receive_output(10)
        assert accepted == {"type": "websocket.accept", "subprotocol": "base64.binary.k8s.io"}
        assert json.loads((await line.receive_output(10))["text"])["type"] == "ADDED"
        await line.send_input({"type": "websocket.disconnect", "code": 1000})
        await line.wait(10)


@pytest.mark.parametrize(
    ("path", "protocol", "code"),
    [(NODES, "", 401), (NODES, BEARER + "é", 400), (NODES, BEARER + "YQ", 401), (f"{NODES}/a%00", "", 400)],
)
async def test_whoever_is_not_let_in_is_told(path: str, protocol: str, code: int) -> None:
    """With the Status that any other request would get."""
    await do(cluster, nodes=1)
    line = await opened(f"/k8s/tried{path.replace('%00', chr(0))}", *filter(None, [protocol]))
    assert (await line.receive_output(10))["status"] == code
