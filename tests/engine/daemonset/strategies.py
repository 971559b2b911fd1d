"""Generated nodes and pod templates, drawn from few words so that they often meet or just miss."""

from __future__ import annotations

from hypothesis import strategies as st

from controller.engine.objects import Manifest, Node
from tests.builders import node, required_affinity, template

KEYS = ("disk", "zone", "cores")
VALUES = ("a", "b", "4", "9")
NAMES = ("here", "there")
TAINTS = tuple(
    f"{mark}:{effect}"
    for mark in ("gpu", "gpu=yes", "old", "node.kubernetes.io/unschedulable", "node.kubernetes.io/not-ready")
    for effect in ("NoSchedule", "PreferNoSchedule", "NoExecute")
)

keys = st.sampled_from(KEYS)
values = st.sampled_from(VALUES)
labels = st.dictionaries(keys, values, max_size=3)


def nodes() -> st.SearchStrategy[Node]:
    """Nodes with up to three labels and up to three taints."""
    taints = st.lists(st.sampled_from(TAINTS), max_size=3, unique=True)
    return st.builds(node, st.sampled_from(NAMES), labels=labels, taints=taints)


def _expression(operator: str) -> st.SearchStrategy[Manifest]:
    if operator in {"Exists", "DoesNotExist"}:
        return st.fixed_dictionaries({"key": keys, "operator": st.just(operator)})
    single = operator in {"Gt", "Lt"}
    wanted = st.lists(values, min_size=1, max_size=1 if single else 2, unique=True)
    return st.fixed_dictionaries({"key": keys, "operator": st.just(operator), "values": wanted})


expressions = st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]).flatmap(_expression)
fields = st.fixed_dictionaries(
    {
        "key": st.just("metadata.name"),
        "operator": st.sampled_from(["In", "NotIn"]),
        "values": st.lists(st.sampled_from(NAMES), min_size=1, max_size=1),
    }
)
terms: st.SearchStrategy[Manifest] = st.fixed_dictionaries(
    {},
    optional={
        "matchExpressions": st.lists(expressions, max_size=3),
        "matchFields": st.lists(fields, max_size=1),
    },
)
affinities = st.lists(terms, max_size=3).map(lambda drawn: required_affinity(*drawn))
tolerations: st.SearchStrategy[Manifest] = st.one_of(
    st.fixed_dictionaries(
        {"operator": st.just("Exists")},
        optional={
            "key": st.sampled_from(["gpu", "old", "node.kubernetes.io/not-ready"]),
            "effect": st.sampled_from(["NoSchedule", "NoExecute"]),
        },
    ),
    st.fixed_dictionaries(
        {"key": st.just("gpu"), "value": st.sampled_from(["", "yes", "no"])},
        optional={"effect": st.sampled_from(["NoSchedule", "NoExecute"])},
    ),
)


@st.composite
def templates(draw: st.DrawFn) -> Manifest:
    """Pod templates that may name a node, select, require affinity and tolerate."""
    spec: Manifest = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "nodeName": st.sampled_from(NAMES),
                "nodeSelector": labels,
                "affinity": affinities,
                "tolerations": st.lists(tolerations, max_size=2),
                "hostNetwork": st.booleans(),
            },
        )
    )
    return template(**spec)
