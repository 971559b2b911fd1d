"""Streams that go on end soon after the right to them has: watches, followed logs, programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.utils import timezone

from controller.apiserver.session import ERROR
from controller.models import Token
from controller.queries import streams
from controller.services import people, tokens
from dashboard.asgi import application
from tests.apiserver.asking import Asker
from tests.apiserver.talking import TALKER, talking_cluster
from tests.apiserver.test_execs import program
from tests.clusters import PERSON, cluster
from tests.live.listening import do

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(name="quick", autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not make a test wait as long as a client does."""
    monkeypatch.setattr(streams, "AGAIN", 0.05)


def lock_out(held: Token) -> None:
    """Let somebody log in no more."""
    people.person_active(actor=PERSON, person=held.user_id, is_active=False)


def delete(held: Token) -> None:
    """Delete somebody."""
    people.person_delete(actor=PERSON, person=held.user_id)


def revoke(held: Token) -> None:
    """Revoke the token."""
    tokens.token_revoke(user=held.user_id, actor=PERSON, token=held.pk)


def expire(held: Token) -> None:
    """Let the token's time be over."""
    Token.objects.filter(pk=held.pk).update(expires=timezone.now() - timedelta(seconds=1))


def take_away(held: Token) -> None:
    """Take away what the person was granted."""
    people.grant_set(actor=PERSON, person=held.user_id, cluster=None, role="")


def only_read(held: Token) -> None:
    """Leave somebody who operated with the right to look."""
    people.grant_set(actor=PERSON, person=held.user_id, cluster=None, role="viewer")


def end(how: Callable[[Token], None]) -> None:
    """End a right in one of these ways."""
    how(Token.objects.get())


async def opened(path: str, query: bytes) -> Any:
    """Ask for a stream, and return its line once it goes on."""
    headers = [(b"host", b"localhost")]
    facts = {"type": "http", "method": "GET", "path": path, "headers": headers, "query_string": query}
    scope = {**facts, "client": ("127.0.0.1", 1)}
    line: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]
    await line.send_input({"type": "http.request"})
    assert (await line.receive_output(10))["status"] == 200
    return line


async def rest_of(line: Any) -> bytes:
    """Return what a stream still says until it ends."""
    said, more = b"", True
    while more:
        message = await line.receive_output(10)
        said, more = said + message.get("body", b""), message.get("more_body")
    await line.wait(10)
    return said


@pytest.mark.parametrize(
    ("how", "code"), [(lock_out, 401), (delete, 401), (revoke, 401), (expire, 401), (take_away, 403)]
)
async def test_a_watch_ends_with_a_status(how: Callable[[Token], None], code: int) -> None:
    """The last event says why: whose right has ended is told, and asks again to no avail."""
    asker = await do(Asker, await do(cluster))
    line = await opened(f"{asker.base}/api/v1/namespaces", b"watch=1&resourceVersion=0")
    await do(end, how)
    last = json.loads((await rest_of(line)).splitlines()[-1])
    assert (last["type"], last["object"]["kind"], last["object"]["code"]) == ("ERROR", "Status", code)
    await do(asker.ask, "/api/v1/namespaces", code=401 if code == 401 else 404)


async def test_who_may_still_read_watches_on() -> None:
    """A role that is less ends what it does not allow, and nothing else."""
    asker = await do(Asker, await do(cluster))
    secrets = await opened(f"{asker.base}/api/v1/secrets", b"watch=1&resourceVersion=0")
    spaces = await opened(f"{asker.base}/api/v1/namespaces", b"watch=1&resourceVersion=0")
    await do(end, only_read)
    assert json.loads((await rest_of(secrets)).splitlines()[-1])["object"]["reason"] == "Forbidden"
    while not await spaces.receive_nothing(0.3):
        await spaces.receive_output(1)
    await spaces.send_input({"type": "http.disconnect"})
    await spaces.wait(10)


async def test_a_followed_log_ends() -> None:
    """A text has no place for a reason: it ends."""
    asker = await do(Asker, await do(talking_cluster))
    line = await opened(f"{asker.base}/api/v1/namespaces/default/pods/{TALKER}/log", b"follow=true")
    await do(end, take_away)
    assert b"beat" in await rest_of(line)


async def test_a_program_ends_with_a_status() -> None:
    """A shell closes as soon as its user may no longer write, and says so on the channel for errors."""
    asker = await do(Asker, await do(talking_cluster))
    async with program(asker, "sh", stdin="true", tty="true") as running:
        await running.hear(b"#")
        await do(end, only_read)
        while (data := (await running.told())["bytes"])[0] != ERROR:
            pass
        assert json.loads(data[1:])["reason"] == "Forbidden"
        assert await running.told() == {"type": "websocket.close", "code": 1000}


async def test_what_nobody_took_away_goes_on() -> None:
    """Asking again ends nothing by itself."""
    asker = await do(Asker, await do(talking_cluster))
    async with program(asker, "sh", stdin="true", tty="true") as running:
        await running.hear(b"#")
        person = (await do(Token.objects.get)).user_id
        await do(people.grant_set, actor=PERSON, person=person, cluster=asker.cluster, role="viewer")
        assert await running.line.receive_nothing(0.5)
