"""Wild requests over the wire: the whole server, its workers too, must stay on its feet.

``EVERYNODE_FUZZ`` is how many requests are sent; ``make fuzz`` sends 20,000. What is sent: requests as
in test_fuzz.py, and what schemathesis makes of the server's own OpenAPI documents, sound and broken.
The cluster's clock stands still meanwhile, so that a number which moves was moved by a request.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from controller.apiserver import openapi
from controller.apiserver.call import TRUE
from controller.engine.kinds import GROUPS, KINDS
from tests.apiserver.asking import TABLE
from tests.apiserver.test_fuzz import wild
from tests.servers import Everynode, everynode_running, wait_until

COUNT = int(os.environ.get("EVERYNODE_FUZZ", "300"))
TIMEOUT = 20.0
"""Seconds within which everything is answered, on a machine that is busy with other tests."""
OFTEN = settings(
    max_examples=COUNT // 2,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
SET = "/apis/apps/v1/namespaces/default/daemonsets"
AFTER = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "after"},
    "spec": {
        "selector": {"matchLabels": {"app": "after"}},
        "template": {
            "metadata": {"labels": {"app": "after"}},
            "spec": {
                "containers": [{"name": "main", "image": "a:1"}],
                "tolerations": [{"operator": "Exists"}],
            },
        },
    },
}


class Target:
    """A cluster at a server, and a count of what it answered."""

    def __init__(self, everynode: Everynode, name: str) -> None:
        kubeconfig = everynode.manage("kubeconfig", name)
        self.server = next(line.split()[1] for line in kubeconfig.splitlines() if "server: " in line)
        self.everynode, self.name = everynode, name
        self.session = requests.Session()
        self.told: Counter[int] = Counter()

    def clock(self, verb: str) -> None:
        """Pause or resume the cluster's time."""
        words = f"from controller.models import Cluster; from controller.services.clock import clock_{verb};"
        call = f"clock_{verb}(cluster=Cluster.objects.get(name='{self.name}').pk, actor='fuzz')"
        self.everynode.manage("shell", "-v0", "-c", words + call)

    def number(self) -> str:
        """Return the number of the last change."""
        listed = self.session.get(f"{self.server}/api/v1/nodes?limit=1", timeout=TIMEOUT)
        return str(listed.json()["metadata"]["resourceVersion"])

    def try_out(self, asked: dict[str, Any]) -> None:
        """Send a request; fail unless it is answered in time, by no error, and refused without a trace."""
        before = self.number() if asked["method"] != "GET" else ""
        stream = str(asked.get("params", {}).get("watch", "")) in TRUE
        with self.session.request(**asked, stream=stream, timeout=TIMEOUT, allow_redirects=False) as answer:
            self.told[answer.status_code] += 1
            assert answer.status_code < 500, (asked, answer.text)
            if answer.status_code < 400:
                return
            if asked["method"] != "HEAD":
                assert answer.headers["Content-Type"] == "application/json", (asked, answer.text)
                told = answer.json()
                assert (told["kind"], told["code"]) == ("Status", answer.status_code), asked
                assert told["message"], asked
            if before:
                assert self.number() == before, asked


@pytest.fixture(name="target", scope="module")
def _target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with everynode_running(tmp_path_factory.mktemp("fuzz"), "--no-demo") as running:
        running.manage("cluster", "create", "fuzz", "--nodes", "2", "--start-delay", "0", "--stop-delay", "0")
        made = Target(running, "fuzz")
        made.clock("pause")
        yield made
        print(f"\nanswers: {dict(sorted(made.told.items()))}, {made.told.total()} in all")  # noqa: T201 - by -s


def test_wild_requests_are_answered(target: Target) -> None:
    """Paths, queries, content types and bodies of all sorts."""

    @OFTEN
    @given(wild)
    def send(asked: dict[str, Any]) -> None:
        headers = {**asked["headers"], "Content-Type": asked["content_type"]}
        path = asked["path"].replace("..", "%2E%2E")  # or the client goes there itself
        target.try_out(
            {
                "method": "LINK"
                if asked["method"] == "X"
                else asked["method"],  # X ends in the parser of HTTP
                "url": f"{target.server}/{path}",
                "params": asked["query_params"],
                "headers": headers,
                "data": asked["data"],
            }
        )

    send()


def test_what_its_own_documents_allow_and_forbid_is_answered(target: Target) -> None:
    """Sound and broken requests made from the OpenAPI documents that the server gives out."""
    documents = [json.loads(openapi.document(group, version)) for group, version in GROUPS]
    operations: list[Any] = [
        found.ok()  # type: ignore[union-attr] # our own documents have no broken part
        for document in documents
        if document["paths"]
        for found in schemathesis.openapi.from_dict(document).get_all_operations()
    ]
    cases = st.one_of([each.as_strategy(generation_mode=mode) for each in operations for mode in MODES])

    @OFTEN
    @given(cases, st.booleans(), st.sampled_from(["node-1", "after", "x"]))
    def send(case: schemathesis.Case[Any], homely: bool, name: str) -> None:  # noqa: FBT001 - drawn
        if homely:  # a strange namespace or name ends most requests early
            case.path_parameters.update({"namespace": "default", "name": name})
        target.try_out({**case.as_transport_kwargs(base_url=target.server), "cookies": {}})

    send()


def test_nothing_that_was_let_in_does_harm(target: Target) -> None:
    """After all this every kind can be listed, and the controllers do their work."""
    for kind in KINDS.values():
        place = f"/apis/{kind.group}/v1" if kind.group else "/api/v1"
        for accept in ("application/json", TABLE):
            url = f"{target.server}{place}/{kind.plural}"
            assert target.session.get(url, headers={"Accept": accept}, timeout=TIMEOUT).status_code == 200

    made = target.session.post(target.server + SET, json=AFTER, timeout=TIMEOUT)
    assert made.status_code in {201, 409}
    target.clock("resume")

    def observed() -> bool:
        found = target.session.get(f"{target.server}{SET}/after", timeout=TIMEOUT).json()
        return bool(found["status"].get("observedGeneration") == found["metadata"]["generation"])

    wait_until(observed, within=60, what="a pass over what was let in")
    target.clock("pause")
