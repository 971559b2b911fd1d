"""Clusters in which something of everything is to be seen, and every page: for ``sheets.py`` and axe."""

from __future__ import annotations

import re
from collections.abc import Iterator

from playwright.sync_api import expect

from tests.browser.manifests import daemonset, rolling
from tests.browser.person import Person


def furnish(person: Person, cluster: str) -> None:
    """Make a cluster in which something of everything is to be seen."""
    person.post("clusters/", name=cluster, nodes=0, demo=True, start_delay=0, stop_delay=0, node_grace=0)
    person.create(cluster, daemonset("crashing", nodeSelector={"pool": "system"}))
    person.map(cluster, set="default/crashing")
    person.sees_all("new", 3)
    person.act(cluster, "crashing", "behaviour", behaviour="crash-loop")
    person.sees_all("failing", 1)
    person.act(cluster, "nginx-ds", "image", container="nginx", image="nginx:non-existent")
    person.post(f"clusters/{cluster}/nodes/node-03/state/", action="down")
    expect(person.cell("node-03")).to_have_class(re.compile("silent"))
    person.post(f"clusters/{cluster}/views/save/", name="ssd", query="filter=disk=ssd", shared="on")
    person.post(f"clusters/{cluster}/clock/", action="pause")


def pages(person: Person, cluster: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the path of every page."""
    at = f"clusters/{cluster}/"
    yield from (("clusters", "clusters/"), ("audit", "audit/"), ("users", "users/"), ("account", "account/"))
    yield from (("map", at), ("map-all", f"{at}?view=all"), ("map-health", f"{at}?view=health"))
    yield "map-verdict", f"{at}?set=default/ssd-monitor&node=node-12"
    yield "map-failing", f"{at}?set=default/crashing&node=node-01"
    yield "map-node", f"{at}?view=health&node=node-03"
    for name in (
        "table",
        "objects",
        "overhead",
        "pods",
        "passes",
        "events",
        "alternatives",
        "settings",
        "create",
        "kubectl",
        "search",
        "views",
        "timeline",
        "reach",
    ):
        yield name, f"{at}{name}/"
    yield from (("node", f"{at}nodes/node-03/"), ("set", f"{at}sets/default/crashing/"))
    yield from (
        ("pairs", f"{at}sets/default/crashing/nodes/"),
        ("pairs-like", f"{at}sets/default/ssd-monitor/nodes/?like=node-12"),
    )
    yield from (("objects-pods", f"{at}objects/pods/"), ("object", f"{at}objects/namespaces/-/default/"))
    yield from ((name, f"{at}sets/default/crashing/{name}/") for name in ("edit", "rollout", "race"))
    person.go(f"{at}sets/default/crashing/")
    pod = person.page.locator("#pods td a").first.get_attribute("href")
    yield "pod", str(pod).lstrip("/")
    yield from (
        ("logs", f"{at}logs/?of=DaemonSet/default/ssd-monitor"),
        ("shell", f"{str(pod).lstrip('/')}shell/"),
    )
    yield from (("import", "import/"), ("add", "add/"), ("wall", f"{at}?wall"))
    yield "past", f"at/{bar(person, cluster)['first'] + 20}/{at}"
    yield "refused", "clusters/there-is-none/"


def bar(person: Person, cluster: str) -> dict[str, int]:
    """Return what the timeline of a cluster begins and ends with."""
    return dict(person.page.request.get(f"{person.url}clusters/{cluster}/timeline/data/").json())


def furnish_real(person: Person, cluster: str) -> None:
    """Add a real cluster, which is one of ours behind its door, in the midst of a staged rollout."""
    behind = f"{cluster}-behind"
    person.make_cluster(behind, nodes=6)
    for number in range(1, 7):
        person.label(behind, f"node-{number}", "disk=ssd" if number == 1 else f"zone={'ab'[number % 2]}")
    person.create(behind, daemonset("agent", update=rolling(2)))
    config = person.post(f"clusters/{behind}/kubectl/kubeconfig/").text()
    person.post("add/", name=cluster, kubeconfig=config, unchecked="on")
    person.map(cluster, set="default/agent")
    person.sees_all("new", 6)
    plan = {"canary": "disk=ssd", "waves_by": "zone", "promotion": "AfterCanary", "on_failure": "Pause"}
    numbers = {"soak": "0", "partition": "0", "max_failures": "3", "deadline": "600"}
    person.post(
        f"clusters/{cluster}/sets/default/agent/rollout/do/",
        action="plan",
        max_unavailable="",
        **plan,
        **numbers,
    )
    person.act(cluster, "agent", "image", container="main", image="agent:2")
    person.go(f"clusters/{cluster}/sets/default/agent/rollout/")
    expect(person.page.get_by_role("button", name="Promote")).to_be_visible()


def real_pages(cluster: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the path of every page that a real cluster shows in a way of its own."""
    at = f"clusters/{cluster}/"
    yield from (("real", at), ("real-settings", f"{at}settings/"), ("real-table", f"{at}table/"))
    yield from (("real-connection", f"{at}settings/connection/"), ("real-node", f"{at}nodes/node-1/"))
    yield from (
        ("real-set", f"{at}sets/default/agent/"),
        ("real-rollout", f"{at}sets/default/agent/rollout/"),
    )
    yield from (("real-edit", f"{at}sets/default/agent/edit/"), ("real-pods", f"{at}pods/"))
    yield from (("real-events", f"{at}events/"), ("real-logs", f"{at}logs/?of=DaemonSet/default/agent"))
    yield from (("real-timeline", f"{at}timeline/"), ("real-objects", f"{at}objects/"))
