"""What is let in through a pod's subresource `ephemeralcontainers`."""

from __future__ import annotations

import pytest

from controller.engine.admission.ephemeral import admit_ephemeral
from controller.engine.admission.shape import typed
from controller.engine.errors import Invalid
from controller.engine.objects import Manifest
from tests.engine.admission.parts import created, pod

LOOK = {"name": "look", "image": "busybox"}


def admitted(*containers: Manifest, old: Manifest | None = None) -> Manifest:
    """Return a pod that is to have these ephemeral containers, as it is stored then."""
    standing = old or created(pod())
    spec = {**standing["spec"], "ephemeralContainers": list(containers), "hostNetwork": True}
    return admit_ephemeral(standing, {**standing, "spec": spec}, read=typed)


def test_nothing_but_the_containers_is_written() -> None:
    """They get the defaults of containers, and the pod's generation rises."""
    standing = created(pod())
    made = admitted(LOOK, old=standing)
    (container,) = made["spec"].pop("ephemeralContainers")
    assert (container["name"], container["imagePullPolicy"]) == ("look", "Always")
    assert made["spec"] == standing["spec"]
    assert made["metadata"] == {**standing["metadata"], "generation": 2}


def test_the_same_again_is_no_change() -> None:
    """Neither are none of none."""
    standing = created(pod())
    made = admitted(LOOK, old=standing)
    assert admitted(LOOK, old=made) == made
    assert admitted(old=standing) == standing


@pytest.mark.parametrize(
    ("containers", "said"),
    [
        ([], 'spec.ephemeralContainers: Forbidden: existing ephemeral containers "look" may not be removed'),
        ([{**LOOK, "image": "b"}], 'existing ephemeral containers "look" may not be changed'),
        ([LOOK, LOOK], 'spec.ephemeralContainers[1].name: Duplicate value: "look"'),
        ([LOOK, {**LOOK, "name": "main"}], 'spec.ephemeralContainers[1].name: Duplicate value: "main"'),
        ([LOOK, {"name": "b"}], "spec.ephemeralContainers[1].image: Required value"),
        (
            [LOOK, {**LOOK, "name": "b", "targetContainerName": "no"}],
            'spec.ephemeralContainers[1].targetContainerName: Not found: "no"',
        ),
        (
            [LOOK, {**LOOK, "name": "b", "ports": [{"containerPort": 80}]}],
            "spec.ephemeralContainers[1].ports: Forbidden: cannot be set for an Ephemeral Container",
        ),
    ],
)
def test_refused(containers: list[Manifest], said: str) -> None:
    """What stands stays, and a new one has no more than can be added to a pod that runs."""
    with pytest.raises(Invalid) as refused:
        admitted(*containers, old=admitted(LOOK))
    assert said in refused.value.sentence
