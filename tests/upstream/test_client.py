"""The client of real API servers: whom it trusts, where it goes, what its answers come to."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from controller.engine.kinds import KINDS
from controller.upstream import errors
from controller.upstream.addresses import BadAddress
from controller.upstream.client import AsyncClient, Client, path_of
from controller.upstream.connection import Connection
from tests.upstream.certificates import pair
from tests.upstream.serving import Answer, Server, serving

SECRET = "evn-a-secret-token"


@pytest.fixture(name="server", scope="module")
def _server() -> Iterator[Server]:
    with serving({"/version": Answer(body={"gitVersion": "v1.36.0"})}) as running:
        yield running


def known(server: Server, **facts: Any) -> Connection:
    """Return a connection that trusts the tests' authority."""
    return replace(Connection(server.url, authority=pair().authority.read_text(), token=SECRET), **facts)


def test_paths() -> None:
    """Objects stand where the API has them."""
    assert path_of(KINDS["Node"]) == "/api/v1/nodes"
    assert path_of(KINDS["Pod"], "a", "b", "log") == "/api/v1/namespaces/a/pods/b/log"
    assert path_of(KINDS["DaemonSet"], "a", "b") == "/apis/apps/v1/namespaces/a/daemonsets/b"
    assert path_of(KINDS["Node"], "", "n") == "/api/v1/nodes/n"


def test_it_says_who_it_is(server: Server) -> None:
    """The token is sent, and the person that is acted for; what was asked is counted, and its clock read."""
    with Client(known(server), person="ed") as client:
        assert client.get("/version") == {"gitVersion": "v1.36.0"}
        assert client.heard.requests == 1
        assert abs(client.heard.skew) < 2
    headers = server.asked[-1][1]
    assert (headers["authorization"], headers["impersonate-user"]) == (f"Bearer {SECRET}", "ed")


def test_a_certificate_of_our_own(server: Server) -> None:
    """A certificate leaves no file behind, and a server that asks for none is spoken to all the same."""
    own = known(server, certificate=pair().server.read_text(), key=pair().server_key.read_text(), token="")
    with Client(own) as client:
        assert client.get("/version")


@pytest.mark.parametrize("facts", [{"authority": ""}, {"server_name": "elsewhere.example"}])
def test_who_is_not_trusted(server: Server, facts: dict[str, str]) -> None:
    """An authority that we do not know, or a certificate for another name, is not spoken to."""
    before = len(server.asked)
    with Client(known(server, **facts)) as client, pytest.raises(errors.NotTrusted):
        client.get("/version")
    assert len(server.asked) == before


@pytest.mark.parametrize("facts", [{"authority": "", "insecure": True}, {"server_name": "real.example"}])
def test_who_is_trusted_on_purpose(server: Server, facts: dict[str, Any]) -> None:
    """Without a check only where that was asked for; the certificate's name may be told."""
    with Client(known(server, **facts)) as client:
        assert client.get("/version")


def test_names_are_looked_up_each_time(
    server: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads elsewhere later is looked at again: what is connected to was looked at."""
    port = int(server.url.rpartition(":")[2])
    led = ["127.0.0.1"]
    asked = socket.getaddrinfo

    def resolve(host: str, *rest: Any, **more: Any) -> Any:
        if host != "real.example":
            return asked(host, *rest, **more)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (led[0], port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    named = replace(known(server), server=f"https://real.example:{port}")
    with Client(named) as client:
        assert client.get("/version")
        assert server.asked[-1][1]["host"] == f"real.example:{port}"
        led[0] = "169.254.169.254"
        with pytest.raises(BadAddress):
            client.get("/version")
        led[0], settings.EVERYNODE_LOOPBACK_CLUSTERS = "127.0.0.1", False
        with pytest.raises(BadAddress):
            client.get("/version")


def test_redirects_are_not_followed(server: Server) -> None:
    """Whoever is sent elsewhere is told so, and credentials go nowhere."""
    server.answers["/moved"] = Answer(302, headers={"Location": "http://169.254.169.254/latest"})
    with Client(known(server)) as client, pytest.raises(errors.Upstream, match="is no API server"):
        client.get("/moved")


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (Answer(401, {"kind": "Status", "message": "Unauthorized"}), errors.NotKnown, "Unauthorized"),
        (Answer(403, {"kind": "Status", "message": "pods is forbidden"}), errors.NotAllowed, "forbidden"),
        (Answer(404, {"kind": "Status", "message": "not found"}), errors.NotThere, "not found"),
        (Answer(409, {"kind": "Status", "message": "modified"}), errors.Clash, "modified"),
        (Answer(410, {"kind": "Status", "message": "too old"}), errors.TooOld, "too old"),
        (Answer(422, {"kind": "Status", "message": "invalid"}), errors.Unacceptable, "invalid"),
        (Answer(500, {"oops": 1}), errors.Upstream, "code 500"),
        (Answer(502, raw=b"<html>Bad Gateway"), errors.Upstream, "code 502"),
        (Answer(200, raw=b"<html>Welcome"), errors.Upstream, "is no API server"),
        (Answer(200, [1]), errors.Upstream, "is no API server"),
    ],
)
def test_what_is_refused(server: Server, answer: Answer, kind: type[errors.Upstream], said: str) -> None:
    """Each answer that is none comes as its own error, in the server's words."""
    server.answers["/asked"] = answer
    with Client(known(server)) as client, pytest.raises(kind, match=said):
        client.get("/asked")


def test_it_comes_back_when_it_is_told_to(server: Server) -> None:
    """An overloaded server says after how many seconds it wants to be asked again."""
    server.answers["/busy"] = Answer(429, {"kind": "Status", "message": "slow"}, {"Retry-After": "7"})
    with Client(known(server)) as client, pytest.raises(errors.Overloaded) as refused:
        client.get("/busy")
    assert refused.value.after == 7


def test_nobody_there() -> None:
    """A server that is not reached is told as such."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    nobody = Connection(f"http://127.0.0.1:{port}", token=SECRET)
    with Client(nobody) as client, pytest.raises(errors.NotReached):
        client.get("/version")


# ------------------------------------------------------------------------- lists and watches
@pytest.fixture(name="plain")
def _plain() -> Iterator[Callable[[dict[str, Answer]], Server]]:
    running = []

    def serve(answers: dict[str, Answer]) -> Server:
        running.append(serving(answers, tls=False))
        return running[-1].__enter__()

    yield serve
    for one in running:
        one.__exit__(None, None, None)


async def watched(server: Server) -> list[tuple[str, str]]:
    """Return the events of a watch until its end: type and version."""
    client = AsyncClient(Connection(server.url, token=SECRET))
    try:
        found = [one async for events in client.watch("/api/v1/nodes", "5") for one in events]
    finally:
        await client.close()
    return [(kind, item["metadata"]["resourceVersion"]) for kind, item in found]


LINE = b'{"type":"ADDED","object":{"metadata":{"name":"a","uid":"u","resourceVersion":"6"}}}\n'


async def test_lists_come_in_pages(plain: Callable[[dict[str, Answer]], Server]) -> None:
    """A list is asked for in pages, each from where the last one ended."""
    page = {"metadata": {"resourceVersion": "9"}, "items": [{"a": 1}]}
    server = plain({"/api/v1/nodes": Answer(body=page)})
    client = AsyncClient(Connection(server.url, token=SECRET))
    assert [(items, version) async for items, version in client.pages("/api/v1/nodes")] == [([{"a": 1}], "9")]
    await client.close()
    assert "limit=500" in server.asked[0][0]


async def test_watches(plain: Callable[[dict[str, Answer]], Server]) -> None:
    """A watch tells whole lines, and asks for bookmarks from a version on."""
    server = plain({"/api/v1/nodes": Answer(raw=LINE + b"\n" + LINE)})
    assert await watched(server) == [("ADDED", "6"), ("ADDED", "6")]
    assert "allowWatchBookmarks=1" in server.asked[0][0]
    assert "resourceVersion=5" in server.asked[0][0]


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b'{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}}\n', errors.TooOld),
        (b'{"type":"ERROR","object":{"kind":"Status","code":500,"message":"broken"}}\n', errors.Upstream),
        (LINE[:20] + b"\n", errors.NotReached),
        (b"[]\n", errors.NotReached),
    ],
)
async def test_broken_watches(
    plain: Callable[[dict[str, Answer]], Server], raw: bytes, kind: type[errors.Upstream]
) -> None:
    """What ends a watch is told as what it is; half an event is none."""
    with pytest.raises(kind):
        await watched(plain({"/api/v1/nodes": Answer(raw=LINE + raw)}))


async def test_a_cut_line_is_not_an_event(plain: Callable[[dict[str, Answer]], Server]) -> None:
    """A watch that is cut in the middle of a line tells what came whole, and ends."""
    assert await watched(plain({"/api/v1/nodes": Answer(raw=LINE + LINE[:20])})) == [("ADDED", "6")]


def test_nothing_secret_is_logged(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the log shows, no token and no key is in it, also when something fails."""
    caplog.set_level(logging.DEBUG)
    with Client(known(server, password="pw-secret", username="ed")) as client:
        client.get("/version")
        with pytest.raises(errors.NotThere) as refused:
            client.get("/nothing")
    assert SECRET not in str(refused.value)
    assert SECRET not in caplog.text
    assert "pw-secret" not in caplog.text
