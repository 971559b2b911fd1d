"""Strategies for what clients might send: any JSON, sound objects with a wound, and typed nonsense."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from controller.engine.objects import Manifest
from controller.engine.schema import fields_of
from tests.engine.admission.parts import container, daemonset, node, pod, pod_spec

WORDS = [
    "",
    "a",
    "app",
    "A b",
    "RollingUpdate",
    "OnDelete",
    "Always",
    "In",
    "Exists",
    "Gt",
    "NoExecute",
    "120%",
    "0%",
]
TEXTS = st.one_of(st.sampled_from(WORDS), st.text(max_size=8))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.integers(),
    st.floats(),
    TEXTS,
    st.sampled_from(["1e999999999", "9" * 6000, "9" * 6000 + "%", "\ud800", "2026-02-30T00:00:00Z"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "": TEXTS,
    "bytes": TEXTS,
    "bool": st.booleans(),
    "int32": st.integers(-3, 3) | st.integers(-(2**31), 2**31 - 1),
    "int64": st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1),
    "Quantity": st.sampled_from(["100m", "1Gi", "-1", "1e30", "0.1Ki"]) | st.integers(0, 9) | st.floats(0, 9),
    "IntOrString": st.integers(-1, 3) | st.sampled_from(["10%", "0%", "101%", "x", "%"]),
    "Time": st.just("2026-01-31T09:30:00Z"),
    "MicroTime": st.just("2026-01-31T09:30:00.000001Z"),
    "RawExtension": st.dictionaries(TEXTS, JSON, max_size=2),
    "FieldsV1": st.just({}),
}
FEW = 4
DEEPEST = 9


@st.composite
def typed(draw: st.DrawFn, kind: str, depth: int = 0) -> Any:
    """Draw a value of a type of the published table: few fields of each object, to reach deep."""
    if kind.startswith("[]"):
        return draw(st.lists(typed(kind[2:], depth + 1), max_size=2))
    if kind.startswith("{}"):
        return draw(st.dictionaries(TEXTS, typed(kind[2:], depth + 1), max_size=2))
    if kind in BY_TYPE:
        return draw(BY_TYPE[kind])
    fields = fields_of(kind)
    names = (
        draw(st.lists(st.sampled_from(sorted(fields)), max_size=FEW, unique=True)) if depth < DEEPEST else []
    )
    return {name: draw(typed(fields[name].type, depth + 1)) for name in names}


def rich() -> dict[str, Manifest]:
    """Return a sound object of each of the larger kinds, in which there is much to wound."""
    spec = pod_spec(
        containers=[
            container(
                ports=[{"containerPort": 80, "hostPort": 80}],
                env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                resources={"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi"}},
                livenessProbe={"httpGet": {"port": "web"}},
                volumeMounts=[{"name": "a", "mountPath": "/a"}],
            )
        ],
        volumes=[{"name": "a", "hostPath": {"path": "/a"}}],
        tolerations=[{"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}],
        nodeSelector={"disk": "ssd"},
        affinity={
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [
                        {
                            "matchExpressions": [{"key": "cpus", "operator": "Gt", "values": ["4"]}],
                            "matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}],
                        }
                    ]
                }
            }
        },
    )
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%", "maxSurge": 0}}
    machine = node(taints=[{"key": "a", "value": "b", "effect": "NoSchedule"}], podCIDRs=["10.0.0.0/24"])
    machine["status"] = {"capacity": {"cpu": "4", "memory": "8Gi", "pods": "110"}}
    return {"DaemonSet": daemonset(pod=spec, updateStrategy=rolling), "Pod": pod(**spec), "Node": machine}


@st.composite
def wounded(draw: st.DrawFn) -> Manifest:
    """Draw a sound object in which one to three values are replaced by anything at all."""
    manifest = draw(st.sampled_from(sorted(rich().items())))[1]
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(places(manifest)))
        holder[key] = draw(JSON)
    return {**manifest, "kind": manifest["kind"] if isinstance(manifest["kind"], str) else "Pod"}


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place in a value where another can be put, as its holder and key."""
    keys: list[Any] = []
    if isinstance(value, dict):
        keys = [key for key in value if key not in {"kind", "apiVersion"}]
    elif isinstance(value, list):
        keys = list(range(len(value)))
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]
