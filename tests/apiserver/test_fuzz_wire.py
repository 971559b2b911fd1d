"""Wild requests over the wire: the whole server, its workers too, must stay on its feet.

Each is sent to two instances, one on SQLite and one on PostgreSQL, which must answer it the same.
``EVERYNODE_FUZZ`` is how many requests are sent; ``make fuzz`` sends 20,000. What is sent: requests of
wild.py, and what schemathesis makes of the server's own OpenAPI documents, sound and broken.
The cluster's clock stands still meanwhile, so that a number which moves was moved by a request.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
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
from tests.apiserver.wild import nearly_right, wild
from tests.servers import Everynode, everynode_running, missing, postgresql_server, wait_until

COUNT = int(os.environ.get("EVERYNODE_FUZZ", "300"))
TIMEOUT = 20.0
"""Seconds within which everything is answered, on a machine that is busy with other tests."""
OFTEN = settings(
    max_examples=COUNT // 3,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
ANYWHERE = "http://anywhere"
"""Where a request is made for, before it is sent to every target."""

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
    """A cluster of an instance on one database."""

    def __init__(self, everynode: Everynode, name: str) -> None:
        kubeconfig = everynode.cluster(name, nodes=2, delay=0)
        self.server = next(line.split()[1] for line in kubeconfig.splitlines() if "server: " in line)
        self.everynode, self.name = everynode, name
        self.session = requests.Session()
        self.session.headers["Connection"] = "close"  # one left idle may be closed as it is used again
        self.number = ""
        """The number of the last change that is known of."""
        self.clock("pause")

    def clock(self, verb: str) -> None:
        """Pause or resume the cluster's time."""
        words = f"from controller.models import Cluster; from controller.services.clock import clock_{verb};"
        call = f"clock_{verb}(cluster=Cluster.objects.get(name='{self.name}').pk, actor='fuzz')"
        self.everynode.manage("shell", "-v0", "-c", words + call)
        self.number = self._number()

    def _number(self) -> str:
        listed = self.session.get(f"{self.server}/api/v1/nodes?limit=1", timeout=TIMEOUT)
        return str(listed.json()["metadata"]["resourceVersion"])

    def try_out(self, asked: dict[str, Any]) -> int:
        """Send a request to a path; return its status.

        Fails unless it is answered in time and by no error, and if it is refused, in words and without
        a trace.
        """
        stream = str(asked.get("params", {}).get("watch", "")) in TRUE
        sent = {**asked, "url": self.server + asked["url"]}
        try:
            answered = self.session.request(**sent, stream=stream, timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException as error:
            pytest.fail(f"{sent} was not answered: {error}")
        with answered as answer:
            status = answer.status_code
            if status >= 500:
                pytest.fail(f"{sent} was answered {answer.text}")
            if status >= 400 and asked["method"] != "HEAD":
                assert answer.headers["Content-Type"] == "application/json", (sent, answer.text)
                told = answer.json()
                assert (told["kind"], told["code"]) == ("Status", status), sent
                assert told["message"], sent
        if asked["method"] not in SAFE:
            number = self._number()
            if status >= 400 and number != self.number:
                pytest.fail(f"{sent} was answered {answer.text}, and wrote {self.number} to {number}")
            self.number = number
        return status


class Targets:
    """The same cluster on every database, side by side; what they answer is counted, and is the same."""

    def __init__(self, each: dict[str, Target]) -> None:
        self.each = each
        self.statuses: Counter[int] = Counter()
        self._at_once = ThreadPoolExecutor(len(each))
        self._failed: tuple[dict[str, Any], BaseException] | None = None

    def try_out(self, asked: dict[str, Any]) -> None:
        """Send a request to all at once. Fails again as it did if it is sent again: others would differ."""
        if self._failed and self._failed[0] == asked:
            raise self._failed[1]
        try:
            self._try_out(asked)
        except BaseException as error:
            self._failed = (asked, error)
            raise

    def _try_out(self, asked: dict[str, Any]) -> None:
        tried = {name: self._at_once.submit(target.try_out, asked) for name, target in self.each.items()}
        statuses = {name: answer.result() for name, answer in tried.items()}
        if len(set(statuses.values())) > 1:
            pytest.fail(f"{asked} was answered {statuses}")
        self.statuses[next(iter(statuses.values()))] += 1


@pytest.fixture(name="targets", scope="module")
def _targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Targets]:
    """Run an instance on SQLite and one on PostgreSQL if this machine has it."""
    with ExitStack() as stack:
        databases: dict[str, dict[str, str]] = {"sqlite": {}}
        with suppress(FileNotFoundError):
            databases["postgresql"] = {"DATABASE_URL": stack.enter_context(postgresql_server()).url}
        each = {}
        for name, more in databases.items():
            folder = tmp_path_factory.mktemp(name)
            each[name] = Target(
                stack.enter_context(everynode_running(folder, "--no-demo", more=more)), "fuzz"
            )
        made = Targets(each)
        yield made
        counted = dict(sorted(made.statuses.items()))
        print(f"\nanswers on {' and '.join(each)}: {counted}, {made.statuses.total()} each")  # noqa: T201 - by -s


@pytest.mark.parametrize("made", [wild, nearly_right()], ids=["wild", "nearly-right"])
def test_wild_requests_are_answered(targets: Targets, made: st.SearchStrategy[dict[str, Any]]) -> None:
    """Requests of all sorts, and writes that some client could have meant."""

    @OFTEN
    @given(made)
    def send(asked: dict[str, Any]) -> None:
        headers = {**asked["headers"], "Content-Type": asked["content_type"]}
        path = asked["path"].replace("..", "%2E%2E")  # or the client goes there itself
        targets.try_out(
            {
                "method": "LINK"
                if asked["method"] == "X"
                else asked["method"],  # X ends in the parser of HTTP
                "url": f"/{path}",
                "params": asked["query_params"],
                "headers": headers,
                "data": asked["data"],
            }
        )

    send()


def test_what_its_own_documents_allow_and_forbid_is_answered(targets: Targets) -> None:
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
        made = case.as_transport_kwargs(base_url=ANYWHERE)
        targets.try_out({**made, "url": made["url"].removeprefix(ANYWHERE), "cookies": {}})

    send()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_that_was_let_in_does_harm(targets: Targets, database: str) -> None:
    """After all this every kind can be listed, the controllers do their work, and no program complained."""
    target = targets.each.get(database) or missing("PostgreSQL")
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
    assert "Traceback" not in target.everynode.said, target.everynode.said[-4000:]
