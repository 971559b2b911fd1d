"""What a mirror makes of an API server that fails: what is told meanwhile, and how often it asks.

The API server is our own door, over TLS, through a proxy that lets things go wrong (``faults.py``). After
each test the rows hold what the server has, and nothing is complained of: the fixture ``real`` looks.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from itertools import pairwise

import pytest
from django.test import override_settings

from controller import models
from controller.engine.kinds import KINDS
from controller.engine.objects import Key, Manifest
from controller.mirror.kinds import ORDER
from controller.mirror.mirroring import FIRST_WAIT
from controller.models import Role
from controller.queries.mirrors import mirror_of
from controller.services.clusters import cluster_delete
from controller.upstream.client import path_of
from tests.clusters import PERSON, audited, everything, row_of
from tests.dashboard.visits import visitor
from tests.mirror import faults
from tests.mirror.conftest import AGENT, Api, Mirrored, added
from tests.mirror.faults import Slow
from tests.servers import wait_until
from tests.upstream.certificates import pair

SETS = path_of(KINDS["DaemonSet"], "default")


def changed(real: Mirrored, node: str = "node-1") -> str:
    """Change a node on the server; return what its label ``turn`` is now."""
    turn = str(time.monotonic_ns())
    real.api.label(node, turn=turn)
    return turn


def label(real: Mirrored, node: str = "node-1") -> str | None:
    """Return what is mirrored of that label."""
    return (real.node(node)["metadata"].get("labels") or {}).get("turn")


def nodes(real: Mirrored) -> dict[Key, tuple[str, str]]:
    """Return uid and version upstream of each node that is mirrored."""
    return {key: known for key, known in real.versions().items() if key[0] == "Node"}


def await_label(real: Mirrored, turn: str) -> None:
    """Wait until that label is mirrored."""
    wait_until(lambda: label(real) == turn, what="the label")


# ----------------------------------------------------------------------------------- connections
def test_half_an_event(real: Mirrored) -> None:
    """A watch that is cut in the middle of an event goes on where it was: without a list, nothing twice."""
    began, number = time.monotonic(), row_of(real.id).number
    fault = real.proxy.add(faults.half(1), "watch", "nodes")
    real.proxy.cut()
    wait_until(lambda: fault.met == 1, what="another watch")
    turns = [changed(real) for _ in range(3)]
    await_label(real, turns[-1])
    assert real.proxy.count("list", since=began) == 0
    entries = models.Change.objects.filter(cluster=real.id, kind="Node", number__gt=number)
    assert [entry.manifest["metadata"]["labels"]["turn"] for entry in entries] == turns


def test_the_server_is_restarted(real: Mirrored) -> None:
    """While it is gone the badge of each page tells so; what happened meanwhile is read when it is back."""
    real.proxy.vanish()
    real.await_state("unreachable")
    page = visitor(Role.VIEWER).get("/clusters/real/mirror/").content.decode()
    assert "Its API server is not reached" in page
    turn = changed(real)
    assert label(real) != turn
    real.proxy.listen()
    await_label(real, turn)


def test_it_is_not_live_before_it_answers(real: Mirrored) -> None:
    """Where connections are taken and nobody answers it is not called live, however often it is tried."""
    slow = Slow(head=True)
    with override_settings(EVERYNODE_UPSTREAM_ANSWER=0.2, EVERYNODE_UPSTREAM_SILENCE=0.2):
        fault = real.proxy.add(slow, times=None)
        real.proxy.cut()
        real.await_state("unreachable")
        states = set()

        def is_tried() -> bool:
            states.add(real.state)
            return fault.met >= 4

        wait_until(is_tried, what="tries")
        assert states == {"unreachable"}
        slow.let_go()
        fault.end()


def test_a_watch_that_says_nothing(real: Mirrored) -> None:
    """A watch that is open and silent for longer than bookmarks take is begun anew."""
    slow = Slow(head=False)
    real.proxy.add(slow, "watch", "nodes")
    with override_settings(EVERYNODE_UPSTREAM_SILENCE=1):
        real.proxy.cut()
        real.await_state("live")
        turn = changed(real)
        await_label(real, turn)
    slow.let_go()
    real.proxy.cut()  # what was begun with little patience


def test_somebody_else_answers(real: Mirrored) -> None:
    """Nothing is sent to who shows a certificate by another authority; the page says so."""
    real.proxy.vanish()
    asked = len(real.proxy.asked)
    real.proxy.listen(pair("unknown"))
    real.await_state("untrusted")
    assert "certificate is not the one we know" in real.says()
    assert len(real.proxy.asked) == asked
    real.proxy.vanish()
    real.proxy.listen()


def test_another_cluster_at_the_address(real: Mirrored, other: Api) -> None:
    """A cluster that was made anew is noticed by its uid, and read from the beginning: once, and noted."""
    real.proxy.lead_to(other.server)
    there = Mirrored(real.id, real.proxy, other)
    there.await_rows()
    found = "Found another cluster at the address of real: everything was read again from the beginning"
    assert audited().count(found) == 1
    real.proxy.lead_to(real.api.server)
    real.await_rows()
    assert audited().count(found) == 2


def test_a_backup_is_restored(real: Mirrored) -> None:
    """A store that was put back to an earlier state is noticed, though its watches tell nothing of it.

    All is read anew: what was made since is gone, what was changed is as it was. It is noted once.
    """
    then, before = {kind: real.api.get(path_of(kind)) for kind in ORDER}, nodes(real)
    await_label(real, changed(real))
    real.api.post(path_of(KINDS["Node"]), {"kind": "Node", "metadata": {"name": "late"}})
    wait_until(lambda: ("Node", "", "late") in nodes(real), what="the node")
    silent = Slow(head=False)
    for kind, told in then.items():
        restored = faults.rewritten(partial(lambda earlier, _: earlier, told))
        real.proxy.add(restored, "look", kind.plural, times=None)
        real.proxy.add(restored, "list", kind.plural, times=None)
        real.proxy.add(silent, "watch", kind.plural, times=None)
    real.proxy.cut()
    wait_until(lambda: nodes(real) == before, what="nodes as they were")
    found = "Found that the API server of real went back to an earlier state"
    assert sum(entry.startswith(found) for entry in audited()) == 1
    real.api.delete(path_of(KINDS["Node"], "", "late"))
    silent.let_go()
    real.proxy.calm()
    real.proxy.cut()


# --------------------------------------------------------------------------------------- answers
def gaps(real: Mirrored, verb: str, since: float) -> list[float]:
    """Return the seconds between requests for nodes."""
    times = [one.at for one in real.proxy.asked if (one.verb, one.resource) == (verb, "nodes")]
    return [after - before for before, after in pairwise(at for at in times if at >= since)]


def test_nothing_is_kept_for_long_enough(real: Mirrored) -> None:
    """Where a version is too old as soon as it was listed, it is listed less and less often."""
    await_label(real, changed(real))  # a good connection to begin with
    began = time.monotonic()
    with override_settings(EVERYNODE_UPSTREAM_BACKOFF=10):
        fault = real.proxy.add(faults.too_old(), "watch", "nodes", times=None)
        real.proxy.cut()
        wait_until(lambda: real.proxy.count("list", "nodes", began) >= 4, what="lists")
        turn = changed(real)
        fault.end()
        await_label(real, turn)
    _, _, third, *_ = gaps(real, "list", began)
    assert third >= 4 * FIRST_WAIT  # a busy machine only adds to it


def test_watches_that_end_at_once(real: Mirrored) -> None:
    """A server that ends each watch as soon as it began is asked less and less often."""
    await_label(real, changed(real))  # a good connection to begin with
    began = time.monotonic()
    with override_settings(EVERYNODE_UPSTREAM_BACKOFF=10):
        fault = real.proxy.add(faults.empty, "watch", "nodes", times=None)
        real.proxy.cut()
        wait_until(lambda: fault.met >= 4, what="watches")
        fault.end()
        turn = changed(real)
        await_label(real, turn)
    _, _, _, third, *_ = gaps(real, "watch", began)
    assert third >= 4 * FIRST_WAIT


def test_it_comes_back_when_it_is_told_to(real: Mirrored) -> None:
    """An overloaded server is told of, and is never asked before the time that it names."""
    began = time.monotonic()
    real.proxy.add(faults.refused(429, "too many", Retry_After="2"), "watch", "nodes", times=2)
    real.proxy.cut()
    real.await_state("overloaded")
    assert "overloaded" in real.says()
    real.await_rows()
    assert [gap >= 2 for gap in gaps(real, "watch", began)] == [True, True]


@pytest.mark.parametrize(
    ("code", "state", "words"),
    [(401, "unauthorized", "does not accept our credentials"), (500, "unreachable", "not today")],
)
def test_everything_is_refused(real: Mirrored, code: int, state: str, words: str) -> None:
    """A token that expired, a server that fails: both are told, in its words too, and tried again."""
    fault = real.proxy.add(faults.refused(code), times=None)
    began = time.monotonic()
    real.proxy.cut()
    real.await_state(state)
    wait_until(lambda: words in real.says(), what="the words")
    wait_until(lambda: fault.met >= 12, what="tries")
    assert fault.met <= 12 + 6 * (time.monotonic() - began) / 0.5
    turn = changed(real)
    fault.end()
    await_label(real, turn)


def test_rights_on_one_kind_are_lost(real: Mirrored) -> None:
    """What may not be read any more is named, all else goes on; granted again it is as it is there."""
    fault = real.proxy.add(faults.refused(403), resource="pods", times=None)
    real.proxy.cut()
    wait_until(lambda: "pods" in real.says(), what="what is missing")
    turn = changed(real)
    await_label(real, turn)
    name = real.api.items("Pod")[0]["metadata"]["name"]
    real.api.delete(path_of(KINDS["Pod"], "default", name))
    fault.end()
    wait_until(lambda: real.says() == "", what="all rights")


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "MODIFIED", "object": {}},
        {"type": "MODIFIED", "object": {"metadata": {"resourceVersion": "1"}}},
        {"type": "ERROR", "object": {"code": "none"}},
        ["no event"],
    ],
)
def test_what_is_no_event(real: Mirrored, broken: object) -> None:
    """Something in a watch that is no event of the API ends that watch, and touches no other kind."""
    began = time.monotonic()
    fault = real.proxy.add(faults.told(broken), "watch", "nodes")
    real.proxy.cut()
    wait_until(lambda: fault.met == 1, what="the broken event")
    turn = changed(real)
    await_label(real, turn)
    assert real.proxy.count("list", since=began) == 0


def test_a_server_that_lags(real: Mirrored) -> None:
    """A server that does not know a version yet, behind a load balancer, costs a list and nothing else."""
    details = {"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]}
    status = {"kind": "Status", "code": 504, "reason": "Timeout", "details": details}
    real.proxy.add(faults.answered(504, status), "watch", "nodes")
    began = time.monotonic()
    real.proxy.cut()
    wait_until(lambda: real.proxy.count("list", "nodes", began) == 1, what="a list")
    await_label(real, changed(real))
    assert real.proxy.count("list", since=began) == 1


def test_a_list_of_long_ago(real: Mirrored) -> None:
    """A stale list takes rows back for a moment; the watch from there brings them to where they are."""
    old = real.api.get(path_of(KINDS["Node"]))
    await_label(real, changed(real))
    real.proxy.add(faults.too_old(), "watch", "nodes")
    stale = real.proxy.add(faults.rewritten(lambda _: old), "list", "nodes")
    real.proxy.cut()
    wait_until(lambda: stale.met == 1, what="the stale list")


def test_a_list_that_took_too_long(real: Mirrored) -> None:
    """A list whose next page is no longer kept is begun anew; what it told so far is no end of the others."""

    def cut_short(page: Manifest) -> Manifest:
        return {**page, "items": page["items"][:1], "metadata": {**page["metadata"], "continue": "more"}}

    real.proxy.add(faults.rewritten(cut_short), "list", "nodes")
    real.proxy.add(faults.refused(410), "list", "nodes")
    _listed_anew(real, lists=3)


@pytest.mark.parametrize("course", [faults.empty, faults.answered(200, {"kind": "Status"})])
def test_what_is_no_list(real: Mirrored, course: faults.Course) -> None:
    """An answer that is no list says of nobody that they are gone."""
    real.proxy.add(course, "list", "nodes")
    _listed_anew(real, lists=2)


def _listed_anew(real: Mirrored, *, lists: int) -> None:
    """Let nodes be listed so often until that goes well, and see to it that none goes in between."""
    number = row_of(real.id).number
    real.proxy.add(faults.too_old(), "watch", "nodes")
    began = time.monotonic()
    real.proxy.cut()
    wait_until(lambda: real.proxy.count("list", "nodes", began) == lists, what="the last list")
    await_label(real, changed(real))
    gone = models.Change.objects.filter(cluster=real.id, number__gt=number, verb="DELETED", kind="Node")
    assert not gone.exists()


# ------------------------------------------------------------------------------------------ time
def test_its_clock_is_not_ours(real: Mirrored) -> None:
    """Its clock is the cluster's time, and how far it is off is told; once it is set right that is over."""

    def ahead() -> str:
        return format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)

    fault = real.proxy.add(faults.dated(ahead), times=None)
    wait_until(lambda: _cut_until(real, "clock is"), what="the skew")
    await_label(real, changed(real))
    row = row_of(real.id)
    assert 3590 < row.anchor_cluster - row.anchor_wall < 3610
    fault.end()
    wait_until(lambda: _cut_until(real, ""), what="no skew")
    await_label(real, changed(real))
    row = row_of(real.id)
    assert abs(row.anchor_cluster - row.anchor_wall) < 10


def _cut_until(real: Mirrored, words: str) -> bool:
    """Cut what is under way, so that it is asked again; say whether pages tell by now what they should."""
    real.proxy.cut()
    real.await_state("live")
    return words in real.says() if words else real.says() == ""


# ------------------------------------------------------------------------------------------ slow
def test_events_come_before_their_pod(real: Mirrored) -> None:
    """Events that are told before the pod that they are about are kept until it is told whose that is."""
    slow = Slow(head=False)
    real.proxy.add(slow, "watch", "pods")
    real.proxy.cut()
    wait_until(lambda: slow.holds, what="a watch of pods that tells nothing")
    real.await_state("live")
    real.api.post(SETS, {**AGENT, "metadata": {"name": "late", "namespace": "default"}})
    pods = _pods_of(real.api, "late")

    def there() -> set[str]:
        return {one["metadata"]["name"] for one in real.api.items("Event") if _about(one) in pods}

    wait_until(lambda: len(there()) >= 6, what="events of these pods")
    turn = changed(real)
    await_label(real, turn)  # the other kinds go on
    slow.let_go()
    wait_until(lambda: there() <= {key[2] for key in everything(real.id) if key[0] == "Event"}, what="events")
    real.api.delete(f"{SETS}/late")


def _pods_of(api: Api, name: str) -> set[str]:
    found: set[str] = set()

    def are_there() -> bool:
        owners = {pod["metadata"]["name"]: pod["metadata"].get("ownerReferences") for pod in api.items("Pod")}
        found.update(pod for pod, given in owners.items() if given and given[0]["name"] == name)
        return len(found) == len(api.items("Node"))

    wait_until(are_there, what="the pods")
    return found


def _about(event: Manifest) -> str:
    return str(event["involvedObject"]["name"])


def test_a_version_that_nobody_tells(real: Mirrored) -> None:
    """A cluster is live though nobody answers for its version, and that is not asked for again and again."""
    slow = Slow(head=True)
    real.proxy.add(slow, name="version", times=None)
    began = time.monotonic()
    one = added(real.api, real.proxy, "unversioned")
    one.await_rows()
    facts = mirror_of(cluster=one.id)
    assert facts
    assert facts.is_followed
    assert real.proxy.count(since=began, name="version") == 1
    slow.let_go()
    cluster_delete(cluster=one.id, actor=PERSON)
