"""The sockets of logs and of a shell, through the application that a server runs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.test import Client

from controller.apiserver.execs import Place
from controller.apiserver.session import ERROR, STDIN, STDOUT
from controller.live import feed as feeds
from controller.queries import streams
from controller.services import nodes, people, pods
from dashboard import podlogs
from dashboard.asgi import application
from dashboard.consumers import GONE, REFUSED
from dashboard.models import User
from tests.apiserver.talking import TALKER, talking_cluster
from tests.clusters import PERSON, cluster, settle, with_daemonset
from tests.live.listening import do, running_hub
from tests.people import someone

pytestmark = pytest.mark.django_db(transaction=True)
LOGS = "/ws/clusters/tried/logs/"
SHELL = f"/ws/clusters/tried/shell/default/{TALKER}/main/"
NORMAL = {"type": "websocket.close", "code": 1000}


@pytest_asyncio.fixture(autouse=True)
async def _hub(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Let the process hear of changes, as a server does, and look often for pods that are new."""
    monkeypatch.setattr(podlogs, "AGAIN", 0.05)
    async with running_hub():
        yield
        feeds.feed().end()


def session_of(name: str, role: str) -> str:
    """Log a person in; return the cookie that the browser then sends."""
    client = Client()
    client.force_login(someone(name, role))
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


class Browser:
    """One connection, as an ASGI server would hold it."""

    def __init__(self, line: Any) -> None:
        self.line = line

    async def told(self) -> dict[str, Any]:
        """Return what the application told the server next."""
        message: dict[str, Any] = await self.line.receive_output(timeout=30)
        return message

    async def hear(self, kind: str) -> dict[str, Any]:
        """Return the next frame of a kind."""
        while True:
            frame: dict[str, Any] = json.loads((await self.told())["text"])
            if frame["t"] == kind:
                return frame

    async def lines(self, count: int) -> list[str]:
        """Return so many lines at least."""
        heard: list[str] = []
        while len(heard) < count:
            heard += [text for _at, text in (await self.hear("lines"))["lines"]]
        return heard

    async def types(self, text: str) -> None:
        """Type into a shell."""
        await self.line.send_input({"type": "websocket.receive", "bytes": bytes((STDIN,)) + text.encode()})

    async def sees(self, text: str) -> str:
        """Return what a shell printed, once that is in it."""
        printed = b""
        while text.encode() not in printed:
            message = (await self.told())["bytes"]
            assert message[0] == STDOUT
            printed += message[1:]
        return printed.decode()


@asynccontextmanager
async def connected(
    path: str, role: str = "operator", spoken: str = "", **query: str
) -> AsyncIterator[Browser]:
    """Connect somebody of a role ("": nobody) for the length of a block; ``spoken``: Accept-Language."""
    cookie = await do(session_of, role, role) if role else ""
    headers = [(b"origin", b"http://localhost"), (b"host", b"localhost"), (b"cookie", cookie.encode())]
    headers += [(b"accept-language", spoken.encode())] if spoken else []
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    facts = {"type": "websocket", "path": path, "headers": headers, "query_string": asked.encode()}
    # asgiref's communicator has no types
    line: Any = ApplicationCommunicator(application, {**facts, "subprotocols": []})  # type: ignore[no-untyped-call]
    await line.send_input({"type": "websocket.connect"})
    browser = Browser(line)
    assert (await browser.told())["type"] == "websocket.accept"
    try:
        yield browser
    finally:
        await line.send_input({"type": "websocket.disconnect", "code": 1001})
        await line.wait(timeout=30)


def kill(tried: int) -> None:
    """Kill the program of the pod that talks."""
    where = Place(cluster=tried, actor=PERSON, namespace="default", name=TALKER, container="main")
    pods.pod_kill(**where, signal=9)


def delete(tried: int, name: str) -> None:
    """Delete a pod by force."""
    pods.pod_delete(cluster=tried, actor=PERSON, namespace="default", name=name, force=True)


# -- logs ------------------------------------------------------------------------------------------


async def test_a_log_that_goes_on() -> None:
    """Viewers read what was printed, and what comes."""
    await do(talking_cluster)
    async with connected(LOGS, "viewer", of=f"Pod/default/{TALKER}") as browser:
        assert (await browser.hear("pods"))["pods"] == [
            {"n": 0, "name": TALKER, "namespace": "default", "node": "node-1"}
        ]
        lines = await browser.lines(4)
    numbers = [int(line.removeprefix("beat ")) for line in lines]
    assert numbers == list(range(numbers[0], numbers[0] + len(lines)))


async def test_a_pod_that_comes_later() -> None:
    """The pod of a node that joins is read, too; one that is deleted is said to be gone."""
    tried = await do(cluster, nodes=1)
    await do(with_daemonset, tried)
    async with connected(LOGS, of="DaemonSet/default/nginx-ds") as browser:
        (first,) = (await browser.hear("pods"))["pods"]
        await do(nodes.nodes_add, cluster=tried, actor=PERSON, names=["node-2"])
        await do(settle, tried)
        frame = await browser.hear("pods")
        assert [pod["node"] for pod in frame["pods"]] == ["node-1", "node-2"]
        await do(delete, tried, first["name"])
        await do(settle, tried)
        while (said := await browser.hear("state"))["text"] != "the pod is gone":
            pass
        assert said["n"] == 0


async def test_the_language_of_the_browser() -> None:
    """A socket speaks the language of its page."""
    await do(cluster, nodes=1)
    async with connected(LOGS, spoken="zh-CN,zh;q=0.9") as browser:
        assert (await browser.hear("refused"))["text"].startswith("地址没有说明要谁的日志")
    async with connected(LOGS) as browser:
        assert (await browser.hear("refused"))["text"].startswith("The address does not say whose logs")


async def test_a_container_that_is_started_anew() -> None:
    """The next life of a container is read from its beginning, and the one before can be asked for."""
    tried = await do(talking_cluster)
    async with connected(LOGS, of=f"Pod/default/{TALKER}") as browser:
        await browser.lines(2)
        await do(kill, tried)
        await do(settle, tried)
        while "beat 1" not in await browser.lines(1):
            pass
    async with connected(LOGS, of=f"Pod/default/{TALKER}", previous="1") as browser:
        assert "beat 1" in await browser.lines(2)
        await browser.hear("end")
        assert await browser.told() == NORMAL


async def test_a_container_that_says_nothing_yet() -> None:
    """Why nothing comes is said, and lines follow once there are some."""
    tried = await do(talking_cluster)
    await do(nodes.node_power, cluster=tried, actor=PERSON, nodes=["node-1"], up=False)
    async with connected(LOGS, of=f"Pod/default/{TALKER}") as browser:
        assert "does not answer" in (await browser.hear("state"))["text"]
        await do(nodes.node_power, cluster=tried, actor=PERSON, nodes=["node-1"], up=True)
        assert (await browser.hear("state"))["text"] == ""
        await browser.lines(1)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"of": "Pod/default/other"}, 'pods "other" not found'),
        ({"of": "Pod"}, "The address does not say whose logs: of=DaemonSet/default/agent."),
        ({"of": f"Pod/default/{TALKER}", "tail": "all"}, "tail is none of 100, 1000, 5000."),
    ],
)
async def test_refused_logs(query: dict[str, str], said: str) -> None:
    """What cannot be read is refused in a sentence, and coming back is of no use."""
    await do(talking_cluster)
    async with connected(LOGS, **query) as browser:
        assert (await browser.hear("refused"))["text"] == said
        assert await browser.told() == NORMAL


# -- a shell ---------------------------------------------------------------------------------------


async def test_a_shell() -> None:
    """What is typed runs in the container, on a terminal; exit ends it."""
    await do(talking_cluster)
    async with connected(SHELL) as browser:
        await browser.types("hostname\r")  # the shell may not have begun
        await browser.sees("talker\r\n/ # ")
        await browser.types("whoami\r")
        assert await browser.sees("root\r\n/ # ") == "whoami\r\nroot\r\n/ # "
        await browser.types("exit 3\r")
        await browser.sees("exit 3\r\n")
        ended = (await browser.told())["bytes"]
        assert ended[0] == ERROR
        assert json.loads(ended[1:])["details"]["causes"][0]["message"] == "3"
        assert await browser.told() == NORMAL


async def test_a_shell_in_a_container_that_is_not_there() -> None:
    """Why there is no shell is said."""
    await do(talking_cluster)
    async with connected(SHELL.replace("main", "other")) as browser:
        assert "container other is not valid" in (await browser.hear("refused"))["text"]
        assert await browser.told() == NORMAL


# -- who may ---------------------------------------------------------------------------------------


async def test_strangers_stay_outside() -> None:
    """Without a session there is nothing to be had."""
    await do(talking_cluster)
    for path in (LOGS, SHELL):
        async with connected(path, "") as browser:
            assert await browser.told() == {"type": "websocket.close", "code": REFUSED}


async def test_viewers_get_no_shell() -> None:
    """Reaching into a pod is for operators."""
    await do(talking_cluster)
    async with connected(SHELL, "viewer") as browser:
        assert (await browser.hear("refused"))["text"] == "Your role does not allow this."
        assert await browser.told() == {"type": "websocket.close", "code": REFUSED}


async def test_a_cluster_that_is_not_there() -> None:
    """A cluster that is unknown is gone for good."""
    async with connected(LOGS) as browser:
        assert "not found" in (await browser.hear("refused"))["text"]
        assert await browser.told() == {"type": "websocket.close", "code": GONE}


async def test_a_right_that_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell ends with the right to it."""
    monkeypatch.setattr(streams, "AGAIN", 0.05)
    await do(talking_cluster)
    async with connected(SHELL) as browser:
        await browser.sees("/ # ")
        person = await do(User.objects.get, username="operator")
        await do(people.grant_set, actor="admin", person=person.pk, cluster=None, role="viewer")
        assert (await browser.hear("refused"))["text"]
        assert await browser.told() == {"type": "websocket.close", "code": REFUSED}
