"""The rules of Deployments."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission.field_errors import forbidden, invalid, unsupported
from controller.engine.admission.shares import more_than_all_faults, share, share_faults
from controller.engine.admission.workloads import always_template_faults, not_negative, selector_faults
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

STRATEGIES = ("Recreate", "RollingUpdate")


def deployment_faults(spec: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with the spec of a Deployment, in the order of the API server."""
    yield from not_negative(spec, "replicas")
    yield from selector_faults(spec, "deployment")
    yield from always_template_faults(spec)
    if "activeDeadlineSeconds" in spec["template"]["spec"]:
        said = "activeDeadlineSeconds in ReplicaSet is not Supported"
        yield forbidden("spec.template.spec.activeDeadlineSeconds", said)
    yield from _strategy_faults(spec["strategy"])
    yield from not_negative(spec, "minReadySeconds")
    yield from not_negative(spec, "revisionHistoryLimit")
    yield from not_negative(spec, "progressDeadlineSeconds")
    deadline = spec["progressDeadlineSeconds"]
    if deadline <= spec.get("minReadySeconds", 0):
        yield invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")


def _strategy_faults(strategy: Manifest) -> Iterator[Cause]:
    if strategy["type"] == "RollingUpdate":
        yield from _rolling_faults(strategy["rollingUpdate"], "spec.strategy.rollingUpdate")
    elif strategy["type"] != "Recreate":
        yield unsupported("spec.strategy.type", strategy["type"], STRATEGIES)
    elif "rollingUpdate" in strategy:
        said = "may not be specified when strategy `type` is 'Recreate'"
        yield forbidden("spec.strategy.rollingUpdate", said)


def _rolling_faults(rolling: Manifest, path: str) -> Iterator[Cause]:
    unavailable, surge = rolling["maxUnavailable"], rolling["maxSurge"]
    yield from share_faults(unavailable, f"{path}.maxUnavailable")
    yield from share_faults(surge, f"{path}.maxSurge")
    if not share(unavailable) and not share(surge):
        yield invalid(f"{path}.maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0")
    yield from more_than_all_faults(unavailable, f"{path}.maxUnavailable")
