"""The plugin LimitRanger: defaults of containers, and bounds, in the words of a real one."""

from __future__ import annotations

from typing import Any

import pytest

from controller.engine.errors import Forbidden
from controller.engine.objects import Manifest
from controller.engine.quota.limits import ANNOTATION, authored, refuse, with_limits
from tests.engine.quota.test_usage import claim, pod


def limit_range(*items: Manifest) -> Manifest:
    """Return a LimitRange as it is stored."""
    return {"metadata": {"name": "l"}, "spec": {"limits": list(items)}}


def item(kind: str = "Container", **amounts: Any) -> Manifest:
    """Return one of its items."""
    return {"type": kind, **amounts}


GIVEN = item(default={"cpu": "500m"}, defaultRequest={"cpu": "200m", "memory": "10Mi"})


def test_containers_that_do_not_say_are_given_the_defaults() -> None:
    """An annotation tells what was given to whom; what a container says for itself stays."""
    own = {"requests": {"memory": "50Mi"}}
    made = with_limits(pod({}, own, first=[{"name": "i"}]), [limit_range(GIVEN)])
    both = {"requests": {"cpu": "200m", "memory": "10Mi"}, "limits": {"cpu": "500m"}}
    assert [each["resources"] for each in made["spec"]["containers"]] == [
        both,
        {"requests": {"memory": "50Mi", "cpu": "200m"}, "limits": {"cpu": "500m"}},
    ]
    assert made["spec"]["initContainers"][0]["resources"] == both
    assert made["metadata"]["annotations"] == {
        ANNOTATION: "LimitRanger plugin set: cpu, memory request for container c0; "
        "cpu limit for container c0; cpu request for container c1; cpu limit for container c1; "
        "cpu, memory request for init container i; cpu limit for init container i"
    }
    assert made["status"]["qosClass"] == "Burstable"


def test_a_pod_that_is_given_nothing_stays_as_it_is() -> None:
    """Also where there is nothing to give."""
    own = {"requests": {"cpu": "1", "memory": "1"}, "limits": {"cpu": "1"}}
    sent = pod(own)
    assert with_limits(sent, [limit_range(GIVEN), limit_range(item("Pod", max={"cpu": "2"})), {}]) is sent
    assert authored(sent, sent) is sent


def test_pods_of_a_revision_go_on_sharing_their_containers() -> None:
    """What is given to one list of containers is given once."""
    ranges, shared = [limit_range(GIVEN)], pod({})
    one, other = with_limits(shared, ranges), with_limits({**shared}, ranges)
    assert one["spec"]["containers"] is other["spec"]["containers"]


def test_who_sent_a_pod_owns_what_they_wrote() -> None:
    """A request that follows from a limit is theirs, what a LimitRange gave is not."""
    sent = pod({"limits": {"memory": "20Mi"}}, {})
    sent["metadata"]["annotations"] = {"note": "kept"}
    completed = pod({"limits": {"memory": "20Mi"}, "requests": {"memory": "20Mi"}}, {})
    completed["metadata"] = sent["metadata"]
    own = authored(with_limits(completed, [limit_range(GIVEN)]), sent)
    assert own["metadata"]["annotations"] == {"note": "kept"}
    assert [each["resources"] for each in own["spec"]["containers"]] == [
        {"limits": {"memory": "20Mi"}, "requests": {"memory": "20Mi"}},
        {},
    ]
    asks = limit_range(item(defaultRequest={"cpu": "1"}))
    assert authored(with_limits(pod({}), [asks]), pod({})) == {**pod({}), "status": {"qosClass": "Burstable"}}


USAGE = "cpu usage per Container"
MIN, MAX = item(min={"cpu": "100m"}), item(max={"cpu": "1"})
RATIO = item(maxLimitRequestRatio={"cpu": "2"})
CLAIM = item("PersistentVolumeClaim", min={"storage": "1Gi"}, max={"storage": "2Gi"})


def asking(request: str = "", limit: str = "") -> Manifest:
    """Return a pod that asks for so much cpu."""
    amounts = {"requests": {"cpu": request}, "limits": {"cpu": limit}}
    return pod({which: amount for which, amount in amounts.items() if amount["cpu"]})


@pytest.mark.parametrize(
    ("kind", "manifest", "bounds", "reason"),
    [
        ("Pod", asking(), MIN, "minimum cpu usage per Container is 100m.  No request is specified"),
        ("Pod", asking("50m"), MIN, "minimum cpu usage per Container is 100m, but request is 50m"),
        ("Pod", asking("100m", "50m"), MIN, "minimum cpu usage per Container is 100m, but limit is 50m"),
        ("Pod", asking("1"), MAX, "maximum cpu usage per Container is 1.  No limit is specified"),
        ("Pod", asking("1", "2"), MAX, "maximum cpu usage per Container is 1, but limit is 2"),
        ("Pod", asking("2", "1"), MAX, "maximum cpu usage per Container is 1, but request is 2"),
        (
            "Pod",
            asking(limit="1"),
            RATIO,
            "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0",
        ),
        (
            "Pod",
            asking("1"),
            RATIO,
            "cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0",
        ),
        (
            "Pod",
            asking("300m", "1"),
            RATIO,
            "cpu max limit to request ratio per Container is 2, but provided ratio is 3.333333",
        ),
        (
            "Pod",
            pod({"limits": {"cpu": "2"}, "requests": {"cpu": "2"}}),
            item("Pod", max={"cpu": "1"}),
            "maximum cpu usage per Pod is 1, but limit is 2",
        ),
        (
            "PersistentVolumeClaim",
            claim("3Gi"),
            CLAIM,
            "maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi",
        ),
        (
            "PersistentVolumeClaim",
            claim("1Mi"),
            CLAIM,
            "minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 1Mi",
        ),
        (
            "PersistentVolumeClaim",
            {"metadata": {"name": "c"}, "spec": {}},
            item("PersistentVolumeClaim", max={"storage": "2Gi"}),
            "maximum storage usage per PersistentVolumeClaim is 2Gi.  No request is specified",
        ),
        (
            "Pod",
            pod({"requests": {"cpu": "50m"}, "limits": {"cpu": "2"}}),
            item(min={"cpu": "100m"}, max={"cpu": "1"}),
            f"[minimum {USAGE} is 100m, but request is 50m, maximum {USAGE} is 1, but limit is 2]",
        ),
        ("Pod", pod({}, {}), MIN, "minimum cpu usage per Container is 100m.  No request is specified"),
    ],
)
def test_what_is_out_of_bounds_is_refused(kind: str, manifest: Any, bounds: Any, reason: str) -> None:
    """One sentence is told once, several in brackets."""
    with pytest.raises(Forbidden) as caught:
        refuse(kind, manifest, [limit_range(bounds)])
    assert str(caught.value).partition(" is forbidden: ")[2] == reason


def test_what_is_within_bounds_comes_in() -> None:
    """Bounds hold of what they speak of only."""
    ranges = [limit_range(MIN, MAX, RATIO, CLAIM, item("Pod", max={"cpu": "1"}))]
    refuse("Pod", asking("500m", "1"), ranges)
    refuse("Pod", asking(limit="500m"), [limit_range(MAX)])
    refuse("PersistentVolumeClaim", claim("1Gi"), ranges)
    refuse("ConfigMap", {"metadata": {"name": "m"}}, ranges)
