"""Requests as kubectl and programs on client-go make them, asked again and answered as they expect.

``recorded/kubectl-*.json`` were noted by recorder.py; ``recorded/client-go.yaml`` says where it is from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import yaml

from tests.clients.installed import HERE
from tests.servers import Everynode, wait_until

RECORDED = HERE / "recorded"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CLIENT_GO = yaml.safe_load((RECORDED / "client-go.yaml").read_text(encoding="utf-8"))
Request = dict[str, Any]


@pytest.fixture(name="made")
def _made(everynode: Everynode) -> Iterator[Callable[[str], httpx.Client]]:
    """Return what makes a cluster of three machines, and a client of it."""
    with ExitStack() as clients:

        def make(name: str) -> httpx.Client:
            config = yaml.safe_load(everynode.cluster(name, nodes=3))
            server = config["clusters"][0]["cluster"]["server"]
            client = clients.enter_context(httpx.Client(base_url=server, timeout=20))
            wait_until(lambda: all(map(is_ready, items(client, "/api/v1/nodes"))), what="ready machines")
            return client

        yield make


def items(client: httpx.Client, path: str) -> list[Any]:
    """Return the items of a list."""
    return list(client.get(path).json()["items"])


def begun(client: httpx.Client, method: str, path: str, asked: Request) -> Any:
    """Begin a request; its answer is a context."""
    body = bytes.fromhex(asked["hex"]) if "hex" in asked else asked.get("body")
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    headers = {"Content-Type": "application/json"} if isinstance(body, dict) else {}
    return client.stream(method, path, headers={**headers, **(asked.get("headers") or {})}, content=content)


# ---------------------------------------------------------------------------------------------- kubectl
@pytest.mark.parametrize("minor", ["27", "37"])
def test_a_kubectl_is_answered_as_when_it_was_recorded(
    made: Callable[[str], httpx.Client], minor: str
) -> None:
    """The oldest that is supported speaks JSON only; the newest sends protobuf."""
    record = json.loads((RECORDED / f"kubectl-1.{minor}.json").read_text(encoding="utf-8"))
    cluster, version = made(f"kubectl-{minor}"), "0"
    for session in record["sessions"]:
        for asked in session["requests"]:
            path = asked["path"].replace("{version}", version)
            with begun(cluster, asked["method"], path, asked) as answer:
                told = (session["command"], asked["method"], path, answer.status_code)
                assert answer.status_code == asked["code"], told
                if "watch=true" in path:
                    continue
                answer.read()
            if "json" in answer.headers["Content-Type"]:
                meta = answer.json().get("metadata") or {}
                version = str(meta.get("resourceVersion") or version)


# -------------------------------------------------------------------------------------------- client-go
def is_ready(node: Any) -> bool:
    """Whether a machine has come."""
    conditions = (node.get("status") or {}).get("conditions") or []
    return any((one["type"], one["status"]) == ("Ready", "True") for one in conditions)


def test_what_programs_on_client_go_expect(made: Callable[[str], httpx.Client]) -> None:
    """Each request of recorded/client-go.yaml has its code, its fields and its events."""
    cluster = made("client-go")
    for told in CLIENT_GO:
        version = "0"
        for asked in told["requests"]:
            version = answered(cluster, fill(asked, version=version), told["about"]) or version


def answered(cluster: httpx.Client, asked: Request, about: str) -> str:
    """Ask, check the answer, and return its resourceVersion, unless the one before it is asked for again."""
    method = next(name for name in METHODS if name in asked)
    expect = asked["expect"]
    with begun(cluster, method, asked[method], asked) as answer:
        assert (about, answer.status_code) == (about, expect["code"]), answer.read()
        if "events" in expect:
            check_events(answer, expect)
            return ""
        found = json.loads(answer.read())
    assert answer.headers["Content-Type"] == "application/json"
    assert (about, {**found, **expect.get("shows", {})}) == (about, found)
    return "" if expect.get("before") else str((found.get("metadata") or {}).get("resourceVersion") or "")


def fill(asked: Request, *, version: str) -> Request:
    """Return a request with its blanks filled in."""
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    text = json.dumps(asked)
    for blank, value in {"version": version, "future": "999999999", "now": now}.items():
        text = text.replace(f"{{{blank}}}", value)
    return dict(json.loads(text))


def check_events(answer: httpx.Response, expect: dict[str, Any]) -> None:
    """Check the first events of a watch."""
    lines = answer.iter_lines()
    events = [json.loads(next(lines)) for _ in expect["events"]]
    assert [event["type"] for event in events] == expect["events"]
    kinds = {event["object"]["kind"] for event in events}
    assert kinds == {expect.get("kind") or kinds.copy().pop()}
    if "last" in expect:
        assert events[-1]["object"]["metadata"]["annotations"] == expect["last"]
