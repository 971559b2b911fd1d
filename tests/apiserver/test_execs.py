"""Programs in containers over WebSockets: streams, exit codes, and what cannot be had."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.testing import ApplicationCommunicator

from controller.apiserver.execs import Exec
from controller.apiserver.session import CLOSE, ERROR, RESIZE, STDERR, STDIN, STDOUT, Session
from controller.engine.container.environment import Environment
from controller.services import nodes, objects, pods
from dashboard.asgi import application
from tests.apiserver.asking import Asker
from tests.apiserver.talking import TALKER, status_of, talking_cluster
from tests.clusters import PERSON, audited, settle
from tests.live.listening import do

pytestmark = pytest.mark.django_db(transaction=True)
V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
POD = f"/api/v1/namespaces/default/pods/{TALKER}"
DEAD = 137
NOT_ALLOWED = "the server does not allow this method on the requested resource"
NOT_FOUND = "the server could not find the requested resource"
NO_FORWARD = (
    "port-forward is not simulated: simulated pods answer each other, and nobody outside of the cluster; "
    "try kubectl exec POD -- curl SERVICE"
)
MANY = "The number of GET/POST parameters exceeded settings.DATA_UPLOAD_MAX_NUMBER_FIELDS."


class Socket:
    """A connection for one program, as an ASGI server would hold it."""

    def __init__(self, path: str, query: str, protocols: Sequence[str], headers: dict[str, str]) -> None:
        named = [(name.lower().encode(), text.encode()) for name, text in headers.items()]
        facts = {"type": "websocket", "path": path, "headers": named, "client": ("127.0.0.1", 1)}
        scope = {**facts, "query_string": query.encode(), "subprotocols": protocols, "scheme": "ws"}
        # asgiref's communicator has no types
        self.line: Any = ApplicationCommunicator(application, scope)  # type: ignore[no-untyped-call]
        self.heard = {STDOUT: b"", STDERR: b""}

    async def told(self) -> dict[str, Any]:
        """Return what the application told the server next."""
        message: dict[str, Any] = await self.line.receive_output(timeout=30)
        return message

    async def say(self, channel: int, data: bytes) -> None:
        """Send data on a channel."""
        await self.line.send_input({"type": "websocket.receive", "bytes": bytes((channel,)) + data})

    async def hear(self, until: bytes) -> None:
        """Listen until so much was printed."""
        while until not in self.heard[STDOUT]:
            data = (await self.told())["bytes"]
            self.heard[data[0]] += data[1:]

    async def end(self) -> dict[str, Any]:
        """Return how the program ended: the Status that comes last."""
        while (data := (await self.told())["bytes"])[0] != ERROR:
            self.heard[data[0]] += data[1:]
        assert await self.told() == {"type": "websocket.close", "code": 1000}
        status: dict[str, Any] = json.loads(data[1:])
        return status


@asynccontextmanager
async def socket(
    asker: Asker,
    *command: str,
    to: str = f"{POD}/exec",
    protocols: Sequence[str] = (V5, V4),
    headers: dict[str, str] | None = None,
    **query: str,
) -> AsyncIterator[Socket]:
    """Ask for a socket, and leave at the end of the block."""
    words = [("command", word) for word in command]
    options = {"stdout": "true", "stderr": "true", **query}
    opened = Socket(asker.base + to, urlencode([*words, *options.items()]), protocols, headers or {})
    await opened.line.send_input({"type": "websocket.connect"})
    try:
        yield opened
    finally:
        await opened.line.send_input({"type": "websocket.disconnect", "code": 1001})
        await opened.line.wait(timeout=30)


@asynccontextmanager
async def program(asker: Asker, *command: str, **query: Any) -> AsyncIterator[Socket]:
    """Start a program for the length of a block."""
    async with socket(asker, *command, **query) as opened:
        assert await opened.told() == {"type": "websocket.accept", "subprotocol": V5}
        yield opened


async def run(asker: Asker, *command: str, **query: str) -> tuple[str, str, dict[str, Any]]:
    """Return what a program printed, its errors, and how it ended."""
    async with program(asker, *command, **query) as running:
        ended = await running.end()
        return running.heard[STDOUT].decode(), running.heard[STDERR].decode(), ended


async def refusal(asker: Asker, *command: str, **facts: Any) -> tuple[int, str]:
    """Return with which code and sentence a socket is refused."""
    async with socket(asker, *command, **facts) as opened:
        start, body = await opened.told(), await opened.told()
        assert start["type"] == "websocket.http.response.start"
        assert (b"content-type", b"application/json") in start["headers"]
        return start["status"], json.loads(body["body"])["message"]


async def talking(**facts: Any) -> tuple[int, Asker]:
    """Return a cluster with a pod, and somebody who may write."""
    tried = await do(talking_cluster, **facts)
    return tried, await do(Asker, tried)


def code_of(status: dict[str, Any]) -> int:
    """Return the exit code that a Status tells."""
    if status["status"] == "Success":
        return 0
    assert status["reason"] == "NonZeroExitCode"
    (cause,) = status["details"]["causes"]
    assert cause["reason"] == "ExitCode"
    return int(cause["message"])


async def test_a_program_prints_and_ends() -> None:
    """Output and errors come apart, and the exit code last."""
    _, asker = await talking()

    said, errors, ended = await run(asker, "sh", "-c", "hostname; nope; exit 3")

    assert (said, errors, code_of(ended)) == (f"{TALKER}\n", "sh: nope: not found\n", 3)
    assert ended["message"] == "command terminated with non-zero exit code: exit status 3"
    assert code_of((await run(asker, "true"))[2]) == 0


async def test_a_program_asks_the_network() -> None:
    """Who answers is looked up in the cluster as it stands; with its pod the program ends."""
    tried, asker = await talking()
    service = {"metadata": {"name": "beat", "labels": {}}, "spec": {"ports": [{"port": 80}]}}
    await do(objects.object_create, cluster=tried, actor=PERSON, kind="Service", manifest=service)

    assert "beat.default.svc.cluster.local" in (await run(asker, "nslookup", "beat"))[0]
    said, _, ended = await run(asker, "curl", "127.0.0.1")
    assert said.startswith(f"{TALKER} answers on node-1")
    _, errors, ended = await run(asker, "curl", "beat")
    assert "(Everynode: no pod with this port is behind the Service default/beat)" in errors
    assert code_of(ended) == 7

    async with program(asker, "sh", stdin="true") as running:
        await do(pods.pod_delete, cluster=tried, actor=PERSON, namespace="default", name=TALKER, force=True)
        await running.say(STDIN, b"curl beat\n")
        assert code_of(await running.end()) == DEAD


async def test_streams_that_were_not_asked_for_are_shut() -> None:
    """Nothing is said on them, and nothing is read."""
    _, asker = await talking()

    assert (await run(asker, "sh", "-c", "nope", stderr="false"))[1] == ""
    assert (await run(asker, "hostname", stdout="0"))[0] == ""
    assert code_of((await run(asker, "cat"))[2]) == 0


async def test_input_is_read_to_its_end() -> None:
    """The fifth protocol has a message for that; sizes of windows are passed over."""
    _, asker = await talking()

    async with program(asker, "cat", stdin="true") as running:
        await running.say(RESIZE, b'{"Width":80,"Height":24}')
        await running.say(STDIN, b"a\nb")
        await running.line.send_input({"type": "websocket.receive", "text": ""})
        await running.say(CLOSE, bytes((STDIN,)))
        assert code_of(await running.end()) == 0

    assert running.heard[STDOUT] == b"a\nb"


async def test_long_output_comes_in_pieces() -> None:
    """No message is longer than what everybody takes."""
    _, asker = await talking()
    text = b"x" * 100_000

    async with program(asker, "cat", stdin="true") as running:
        await running.say(STDIN, text)
        await running.say(CLOSE, bytes((STDIN,)))
        await running.end()

    assert running.heard[STDOUT] == text


async def test_a_person_at_a_terminal_sees_what_they_type() -> None:
    """With a prompt, errors among the output, and Ctrl-D as the end."""
    _, asker = await talking()

    async with program(asker, "sh", stdin="true", tty="true") as running:
        await running.hear(b"/ # ")
        for key in b"nope\r":
            await running.say(STDIN, bytes((key,)))
        await running.hear(b"not found")
        await running.say(STDIN, b"\x04")
        ended = await running.end()

    assert running.heard[STDOUT] == b"/ # nope\r\nsh: nope: not found\r\n/ # "
    assert code_of(ended) == 127


async def test_an_interrupt_ends_what_waits() -> None:
    """What was typed meanwhile is read afterwards; a program without a shell ends as a whole."""
    _, asker = await talking()

    async with program(asker, "sh", stdin="true", tty="true") as running:
        await running.say(STDIN, b"sleep 100\recho a\r\x03")
        await running.hear(b"a\r\n/ # ")
        await running.say(STDIN, b"exit\r")
        assert code_of(await running.end()) == 0
    async with program(asker, "sleep", "100", stdin="true", tty="true") as running:
        await running.say(STDIN, b"\x03")
        assert code_of(await running.end()) == 130


async def test_a_pause_takes_its_time_and_the_end_of_input_stays() -> None:
    """Lines that are there before the program reads them wait for it."""
    _, asker = await talking()

    async with program(asker, "sh", "-c", "sleep 0.2; cat; cat", stdin="true") as running:
        await running.say(STDIN, b"a\n")
        await running.say(CLOSE, bytes((STDIN,)))
        assert code_of(await running.end()) == 0

    assert running.heard[STDOUT] == b"a\n"


async def test_to_kill_the_first_process_starts_the_container_anew() -> None:
    """It is counted and noted, and takes a shell within it along."""
    tried, asker = await talking()

    assert code_of((await run(asker, "kill", "1"))[2]) == 0
    said, _, ended = await run(asker, "sh", "-c", "echo a; kill -9 1; echo b")

    assert (said, code_of(ended)) == ("a\n", DEAD)
    await do(settle, tried)
    status = await do(status_of, tried)
    assert (status["restartCount"], status["ready"]) == (2, True)
    assert status["lastState"]["terminated"]["exitCode"] == DEAD
    noted = await do(audited)
    assert noted[-1] == f"Killed container main of pod default/{TALKER} by signal 9"


@pytest.mark.parametrize("how", ["killed", "deleted"])
async def test_a_program_ends_with_its_container(how: str) -> None:
    """Whoever ended that."""
    tried, asker = await talking()
    where: dict[str, Any] = {"cluster": tried, "actor": PERSON, "namespace": "default", "name": TALKER}

    async with program(asker, "sh", stdin="true", tty="true") as running:
        await running.hear(b"/ # ")
        if how == "killed":
            await do(pods.pod_kill, **where, container="main", signal=15)
        else:
            await do(pods.pod_delete, **where, force=True)
        assert code_of(await running.end()) == DEAD


async def test_a_client_that_leaves_takes_its_program_along() -> None:
    """Nothing is left behind."""
    _, asker = await talking()

    async with program(asker, "sleep", "1000"):
        pass


async def test_a_program_that_is_not_there_is_no_exit_code() -> None:
    """The runtime's sentence comes as an internal error, as in Kubernetes."""
    _, asker = await talking()

    _, _, ended = await run(asker, "nope")

    assert ended["reason"] == "InternalError"
    assert ended["message"].endswith('exec: "nope": executable file not found in $PATH: unknown')


async def test_the_fourth_protocol_is_spoken_as_well() -> None:
    """The best that both know is taken."""
    _, asker = await talking()

    async with socket(asker, "true", protocols=["v1.channel.k8s.io", V4]) as opened:
        assert (await opened.told())["subprotocol"] == V4
        assert code_of(await opened.end()) == 0


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "facts", "code", "words"),
    [
        (["ls"], {"protocols": ["v1"]}, 400, f"none of the protocols ['v1'] is spoken here: {V5}, {V4}"),
        (["ls"], {"container": "x"}, 400, f"container x is not valid for pod {TALKER}"),
        (["ls"], {"stdout": "0", "stderr": "0"}, 400, "you must specify at least 1 of stdin, stdout, stderr"),
        ([], {}, 422, f'PodExecOptions "{TALKER}" is invalid: command: Required value'),
        (["ls"], {"to": f"{POD}x/exec"}, 404, f'pods "{TALKER}x" not found'),
        (["ls"], {"to": "/healthz"}, 404, NOT_FOUND),
        (["ls"], {"to": "/api/v1"}, 404, NOT_FOUND),
        (["ls"], {"to": POD}, 405, NOT_ALLOWED),
        (["ls"] * 2_000, {}, 400, MANY),
        ([], {"to": f"{POD}/portforward"}, 400, NO_FORWARD),
        ([], {"to": f"{POD}/binding"}, 405, NOT_ALLOWED),
    ],
)  # fmt: skip
async def test_a_socket_is_refused_with_a_status(
    command: list[str], facts: dict[str, Any], code: int, words: str
) -> None:
    """Before anything runs."""
    _, asker = await talking()

    assert await refusal(asker, *command, **facts) == (code, words)


async def test_only_who_may_write_starts_programs() -> None:
    """And nobody without a token, or with one in the path from afar."""
    tried, asker = await talking()
    viewer = await do(Asker, tried, "viewer")

    code, words = await refusal(viewer, "ls")
    assert code == 403
    assert 'User "the-viewer" cannot get resource "pods/exec"' in words
    asker.base = asker.base.replace("evn-", "evn-not-")
    assert await refusal(asker, "ls") == (401, "Unauthorized")
    far = {"X-Forwarded-For": "10.0.0.1"}
    assert (await refusal(viewer, "ls", headers=far))[0] == 403


async def test_what_does_not_run_starts_no_programs() -> None:
    """Nor does a machine that is down, or a pod that has none."""
    tried, asker = await talking(annotations={"behaviour": "crash-loop"})
    words = 'unable to upgrade connection: container not found ("main")'
    assert await refusal(asker, "ls") == (400, words)

    await do(nodes.node_power, cluster=tried, actor=PERSON, nodes=["node-1"], up=False)
    code, words = await refusal(asker, "ls")
    assert code == 503
    assert "the machine node-1 does not answer" in words


async def test_a_pod_without_a_machine_starts_no_programs() -> None:
    """In Kubernetes' words."""
    _, asker = await talking(nodes=0)

    assert await refusal(asker, "ls") == (400, f"pod {TALKER} does not have a host assigned")


async def test_a_plain_request_is_told_what_it_takes() -> None:
    """Older clients ask for SPDY; what else is wrong they are told first."""
    _, asker = await talking()

    def said(path: str, **query: str) -> str:
        return str(asker.ask(path, code=400, **query)["message"])

    spdy = await do(said, f"{POD}/exec", command="ls", stdout="1")
    assert spdy.startswith("exec is served over WebSockets only, which kubectl 1.30 and newer speak")
    wrong = await do(said, f"{POD}/exec", command="ls", stdout="1", container="x")
    assert wrong == f"container x is not valid for pod {TALKER}"


async def test_a_failure_of_ours_is_a_status_too(caplog: pytest.LogCaptureFixture) -> None:
    """The client gets a sentence, the log the rest."""
    _, asker = await talking()

    opened = Socket(f"{asker.base}{POD}/exec", "command=ls", [V5], {})
    opened.line.scope["headers"] = [(b"x", None)]
    await opened.line.send_input({"type": "websocket.connect"})
    start, body = await opened.told(), await opened.told()

    assert start["status"] == 500
    assert json.loads(body["body"])["message"] == "Internal error occurred: it is in the log"
    assert "could not be opened" in caplog.text


async def test_a_kill_that_did_not_work_is_told() -> None:
    """The program goes on."""
    tried, _ = await talking()
    sent: list[bytes] = []

    async def send(message: bytes) -> None:
        sent.append(message)

    environment = Environment("gone", {}, {}, frozenset({"/"}), 0, 0, "beat", "6")
    argv = ["sh", "-c", "kill 1; echo still"]
    streams = {"stdin": False, "stdout": True, "stderr": True, "tty": False}
    gone = Exec(tried, PERSON, "default", "gone", "uid", "main", 0, environment, argv, **streams)
    await Session(gone, send).run()

    assert sent[:2] == [b'\x02kill: pods "gone" not found\n', b"\x01still\n"]
    assert code_of(json.loads(sent[2][1:])) == 0


async def test_whoever_is_attached_sees_what_is_printed_from_then_on() -> None:
    """Until the client leaves."""
    _, asker = await talking()
    async with socket(asker, to=f"{POD}/attach") as opened:
        assert (await opened.told())["type"] == "websocket.accept"
        first, second = await opened.told(), await opened.told()

    assert first["bytes"][0] == second["bytes"][0] == STDOUT
    assert first["bytes"].startswith(b"\x01beat ")


async def test_whoever_is_attached_at_a_terminal_can_interrupt() -> None:
    """Ctrl-C ends the program, and with it its pod if nothing starts it again."""
    command = ["sh", "-c", "echo hi; sleep 600"]
    box = {"name": "main", "image": "busybox", "command": command, "stdin": True, "tty": True}
    tried, asker = await talking(containers=[box], restartPolicy="Never")
    async with socket(asker, to=f"{POD}/attach", stdin="true", tty="true") as opened:
        assert (await opened.told())["type"] == "websocket.accept"
        await opened.line.send_input({"type": "websocket.receive", "bytes": bytes((STDIN, 3))})
        ended = await opened.end()

    assert ended["status"] == "Success"
    assert (await do(status_of, tried))["state"]["terminated"]["exitCode"] == 130


async def test_a_program_that_reads_ends_its_container_when_it_is_left() -> None:
    """With the code of a shell whose input ended."""
    box = {"name": "main", "image": "busybox", "command": ["sh"], "stdin": True}
    tried, asker = await talking(containers=[box], restartPolicy="Never")
    async with socket(asker, stdin="true", to=f"{POD}/attach") as opened:
        assert (await opened.told())["type"] == "websocket.accept"

    assert (await do(status_of, tried))["state"]["terminated"]["exitCode"] == 0


async def test_nobody_attaches_to_what_has_ended() -> None:
    """It is told in a sentence."""
    box = {"name": "main", "image": "busybox", "command": ["true"]}
    _, asker = await talking(containers=[box], restartPolicy="Never")

    code, words = await refusal(asker, to=f"{POD}/attach")

    assert (code, words) == (400, "unable to upgrade connection: container main does not run")
