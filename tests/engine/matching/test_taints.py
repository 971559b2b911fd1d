"""Which taints a toleration covers, and for how long."""

from __future__ import annotations

from math import inf

import pytest

from controller.engine.matching.taints import tolerated_for, tolerates, untolerated
from controller.engine.objects import Taint, Toleration
from tests.builders import taint

GPU = taint("gpu=yes:NoSchedule")


@pytest.mark.parametrize(
    ("toleration", "mark", "expected"),
    [
        pytest.param(Toleration("gpu", "Equal", "yes", "NoSchedule"), GPU, True, id="equal in all"),
        pytest.param(Toleration("gpu", "Equal", "no", "NoSchedule"), GPU, False, id="another value"),
        pytest.param(Toleration("gpu", "Equal", "", "NoSchedule"), GPU, False, id="no value is a value"),
        pytest.param(Toleration("gpu", "Exists", "", "NoSchedule"), GPU, True, id="exists - any value"),
        pytest.param(Toleration("disk", "Exists"), GPU, False, id="another key"),
        pytest.param(Toleration("gpu", "Equal", "yes", "NoExecute"), GPU, False, id="another effect"),
        pytest.param(Toleration("gpu", "Equal", "yes"), GPU, True, id="no effect covers all effects"),
        pytest.param(Toleration("", "Exists"), GPU, True, id="no key covers all keys"),
        pytest.param(Toleration("", "Exists", "", "NoExecute"), GPU, False, id="no key, but an effect"),
        pytest.param(Toleration("", "Equal"), GPU, False, id="no key with equal - wants an empty value"),
        pytest.param(Toleration("gpu", "Like", "yes"), GPU, False, id="unknown operator"),
        pytest.param(Toleration("gpu"), taint("gpu:NoSchedule"), True, id="both without a value"),
    ],
)
def test_tolerates(toleration: Toleration, mark: Taint, *, expected: bool) -> None:
    """A toleration covers a taint if effect, key and value agree; what it leaves out covers all."""
    assert tolerates(toleration, mark) is expected


def test_untolerated_leaves_out_preferences() -> None:
    """Only NoSchedule and NoExecute refuse a pod, each unless it is tolerated."""
    marks = [GPU, taint("disk:NoExecute"), taint("slow:PreferNoSchedule"), taint("old:NoSchedule")]

    assert untolerated(marks, (Toleration("gpu", "Exists"),)) == (marks[1], marks[3])


@pytest.mark.parametrize(
    ("tolerations", "expected"),
    [
        pytest.param([], None, id="not at all"),
        pytest.param([Toleration("down", "Exists")], inf, id="for ever"),
        pytest.param([Toleration("down", "Exists", seconds=30)], 30, id="for a time"),
        pytest.param([Toleration("down", "Exists", seconds=-5)], 0, id="negative is none"),
        pytest.param(
            [Toleration("", "Exists", seconds=60), Toleration("down", "Exists")],
            60,
            id="the first that covers it decides",
        ),
        pytest.param(
            [Toleration("other", "Exists", seconds=1), Toleration("down", "Exists")],
            inf,
            id="others do not count",
        ),
    ],
)
def test_tolerated_for(tolerations: list[Toleration], expected: float | None) -> None:
    """The first toleration that covers a taint says for how long it is stood."""
    assert tolerated_for(taint("down:NoExecute"), tolerations) == expected
