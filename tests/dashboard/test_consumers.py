"""The socket of a cluster's pages, through the application that a server runs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DataError, OperationalError, connection
from django.test import Client

from controller.engine.errors import NotFound
from controller.live.hub import hub
from controller.queries import streams
from controller.services import clusters, nodes, people
from dashboard import consumers
from dashboard.asgi import application
from dashboard.consumers import AGAIN, GONE, REFUSED, WithoutDatabase
from dashboard.models import User
from tests.clusters import PERSON, cluster
from tests.live.listening import do, running_hub
from tests.people import someone

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "http://localhost"
CLOSED = {"type": "websocket.close", "code": GONE}


def session_of(name: str) -> str:
    """Log a person in; return the cookie that the browser then sends."""
    client = Client()
    client.force_login(someone(name, "viewer"))
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


class Browser:
    """One connection to a cluster's socket, as an ASGI server would hold it."""

    def __init__(self, name: str, *, cookie: str, origin: str) -> None:
        headers = [(b"origin", origin.encode()), (b"host", b"localhost"), (b"cookie", cookie.encode())]
        facts = {"type": "websocket", "path": f"/ws/clusters/{name}/", "headers": headers}
        scope = {**facts, "query_string": b"", "subprotocols": []}
        # asgiref's communicator has no types
        self.line: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]

    async def told(self) -> dict[str, Any]:
        """Return what the application told the server next."""
        message: dict[str, Any] = await self.line.receive_output(timeout=30)
        return message

    async def hear(self) -> dict[str, Any]:
        """Return the next frame."""
        frame: dict[str, Any] = json.loads((await self.told())["text"])
        return frame

    async def say(self, text: str) -> None:
        """Send a text."""
        await self.line.send_input({"type": "websocket.receive", "text": text})


@asynccontextmanager
async def connecting(name: str, *, cookie: str = "", origin: str = HERE) -> AsyncIterator[Browser]:
    """Ask for a connection, and leave at the end of the block."""
    browser = Browser(name, cookie=cookie, origin=origin)
    await browser.line.send_input({"type": "websocket.connect"})
    try:
        yield browser
    finally:
        await browser.line.send_input({"type": "websocket.disconnect", "code": 1001})
        await browser.line.wait(timeout=30)


@asynccontextmanager
async def connected(name: str, cookie: str) -> AsyncIterator[Browser]:
    """Connect a browser for the length of a block."""
    async with connecting(name, cookie=cookie) as browser:
        assert (await browser.told())["type"] == "websocket.accept"
        yield browser


async def test_strangers_stay_outside() -> None:
    """Without a session a browser is told that it may not look, and nothing else."""
    await do(cluster, "shown")
    async with connecting("shown") as browser:
        assert (await browser.told())["type"] == "websocket.accept"
        assert await browser.told() == {"type": "websocket.close", "code": REFUSED}


async def test_other_sites_stay_outside() -> None:
    """A page of another site cannot use the cookies of this one."""
    await do(cluster, "shown")
    cookie = await do(session_of, "vera")
    async with connecting("shown", cookie=cookie, origin="https://elsewhere.example") as browser:
        assert (await browser.told())["type"] == "websocket.close"


async def test_a_null_character_in_the_name() -> None:
    """No cluster is called so: the database, which may not even take the question, is not asked."""
    async with running_hub(), connected("sho\0wn", await do(session_of, "vera")) as browser:
        assert await browser.hear() == {"t": "gone"}
        assert await browser.told() == CLOSED
    vera = await do(User.objects.get, username="vera")
    await do(lambda: vera.rights)
    with pytest.raises(NotFound), connection.execute_wrapper(refuse):
        consumers._cluster_of(vera, "sho\0wn")


def refuse(*_words: object) -> None:
    """Take no question."""
    raise DataError


async def test_two_browsers_follow_a_cluster() -> None:
    """Each hears a snapshot, and then what anybody does."""
    tried = await do(cluster, "shown", nodes=2)
    cookie = await do(session_of, "vera")
    async with running_hub(), connected("shown", cookie) as one, connected("shown", cookie) as other:
        for browser in (one, other):
            frame = await browser.hear()
            assert (frame["t"], frame["nodes"]["names"]) == ("snapshot", ["node-1", "node-2"])
        await do(nodes.node_cordon, cluster=tried, actor=PERSON, nodes=["node-1"], cordoned=True)
        first, second = await one.hear(), await other.hear()
    assert first == second
    assert [(node["name"], node["unschedulable"]) for node in first["nodes"]] == [("node-1", True)]


async def test_what_a_browser_may_say() -> None:
    """Resync is answered by a snapshot, ping by a pong; anything else by nothing."""
    await do(cluster, "shown", nodes=1)
    async with running_hub(), connected("shown", await do(session_of, "vera")) as browser:
        first = await browser.hear()
        for text in ("", "{", "[]", '{"t":"ping"}', '{"t":"drop"}', '{"t":"ping","at":"now"}'):
            await browser.say(text)
        await browser.say('{"t":"ping","at":7.5}')
        assert await browser.hear() == {"t": "pong", "at": 7.5}
        await browser.say('{"t":"resync"}')
        again = await browser.hear()
    assert {**again, "cluster": None} == {**first, "cluster": None}


async def test_a_quiet_line_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser to which there is nothing to say hears that the server lives, and frames as before."""
    monkeypatch.setattr(consumers, "BEAT", 0.05)
    tried = await do(cluster, "shown", nodes=1)
    async with running_hub(), connected("shown", await do(session_of, "vera")) as browser:
        heard = [await browser.hear() for _ in range(6)]
        assert {"t": "beat"} in heard
        await do(nodes.node_cordon, cluster=tried, actor=PERSON, nodes=["node-1"], cordoned=True)
        while (frame := await browser.hear())["t"] != "delta":
            pass
    assert frame["nodes"][0]["unschedulable"]


async def test_a_cluster_that_is_not_there() -> None:
    """A cluster that is unknown, or is deleted meanwhile, is gone for good: the socket is closed."""
    tried = await do(cluster, "shown")
    cookie = await do(session_of, "vera")
    async with running_hub(), connected("unknown", cookie) as lost, connected("shown", cookie) as browser:
        assert await lost.hear() == {"t": "gone"}
        assert await lost.told() == CLOSED
        await browser.hear()
        await do(clusters.cluster_delete, cluster=tried, actor=PERSON)
        assert await browser.hear() == {"t": "gone"}
        assert await browser.told() == CLOSED


async def test_who_may_not_see_a_cluster() -> None:
    """To somebody without a grant it is as if the cluster were not there."""
    tried = await do(cluster, "shown")
    await do(cluster, "other")
    await do(someone, "vera", "viewer", tried)
    cookie = await do(session_of, "vera")
    async with running_hub(), connected("shown", cookie) as mine, connected("other", cookie) as hidden:
        assert (await mine.hear())["t"] == "snapshot"
        assert await hidden.hear() == {"t": "gone"}
        assert await hidden.told() == CLOSED


def lock_out(person: User) -> None:
    """Let somebody log in no more."""
    people.person_active(actor="admin", person=person.pk, is_active=False)


def take_away(person: User) -> None:
    """Take away what somebody was granted."""
    people.grant_set(actor="admin", person=person.pk, cluster=None, role="")


def another_password(person: User) -> None:
    """Give somebody another password, which ends their sessions."""
    people.person_password(actor="admin", person=person.pk, password="another long word")


def log_out(_person: User) -> None:
    """End the session."""
    Session.objects.all().delete()


@pytest.mark.parametrize("how", [lock_out, take_away, another_password, log_out])
async def test_a_right_that_ends(how: Callable[[User], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose session or grant ends is sent nothing more; the browser hears that coming back is of no use."""
    monkeypatch.setattr(streams, "AGAIN", 0.05)
    await do(cluster, "shown", nodes=1)
    cookie = await do(session_of, "vera")
    async with running_hub(), connected("shown", cookie) as browser:
        await browser.hear()
        await do(lambda: how(User.objects.get(username="vera")))
        while (last := await browser.told())["type"] == "websocket.send":
            pass  # a beat
        assert last == {"type": "websocket.close", "code": REFUSED}


async def test_who_leaves_is_forgotten() -> None:
    """A browser that is closed gets no frames any more."""
    tried = await do(cluster, "shown")
    async with running_hub():
        async with connected("shown", await do(session_of, "vera")) as browser:
            await browser.hear()
            assert len(hub()._followers[tried]._boxes) == 1
        assert not hub()._followers[tried]._boxes


async def test_without_a_database(caplog: pytest.LogCaptureFixture) -> None:
    """A socket whose database does not answer may come back: it is closed without a traceback."""

    async def refused(*_scope: object) -> None:
        raise OperationalError("the database system is starting up")

    line: Any = ApplicationCommunicator(WithoutDatabase(refused), {"type": "websocket"})  # type: ignore[no-untyped-call]
    assert await line.receive_output(timeout=30) == {"type": "websocket.close", "code": AGAIN}
    assert "the database does not answer: the database system is starting up" in caplog.text
