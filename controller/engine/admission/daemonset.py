"""The rules of DaemonSets."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission.field_errors import forbidden, invalid, required, unsupported
from controller.engine.admission.metadata import IMMUTABLE
from controller.engine.admission.podspec import template_faults
from controller.engine.admission.selectors import label_selector_faults
from controller.engine.admission.shares import more_than_all_faults, share, share_faults
from controller.engine.admission.workloads import not_negative
from controller.engine.errors import Cause
from controller.engine.matching.labels import matches
from controller.engine.objects import Manifest

STRATEGIES = ("RollingUpdate", "OnDelete")


def daemonset_faults(spec: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with a DaemonSet's spec whose defaults are filled in."""
    yield from _selector_faults(spec)
    template = spec["template"]
    yield from template_faults(template, "spec.template")
    pod = template["spec"]
    if pod["restartPolicy"] != "Always":
        yield unsupported("spec.template.spec.restartPolicy", pod["restartPolicy"], ("Always",))
    if "activeDeadlineSeconds" in pod:
        said = "activeDeadlineSeconds in DaemonSet is not Supported"
        yield forbidden("spec.template.spec.activeDeadlineSeconds", said)
    yield from not_negative(spec, "minReadySeconds")
    yield from strategy_faults(spec["updateStrategy"])
    yield from not_negative(spec, "revisionHistoryLimit")


def selector_update_faults(old: Manifest, new: Manifest) -> Iterator[Cause]:
    """Yield whether the selector changed, which it may not."""
    if new.get("selector") != old.get("selector"):
        yield invalid("spec.selector", new.get("selector"), IMMUTABLE)


def _selector_faults(spec: Manifest) -> Iterator[Cause]:
    selector = spec.get("selector")
    faults = list(label_selector_faults(selector, "spec.selector"))
    yield from faults
    labels = spec["template"]["metadata"].get("labels")
    if not faults and not matches(selector, labels or {}):
        message = "`selector` does not match template `labels`"
        yield invalid("spec.template.metadata.labels", labels, message)
    if selector == {}:
        yield invalid("spec.selector", {}, "empty selector is invalid for daemonset")


def strategy_faults(strategy: Manifest) -> Iterator[Cause]:
    """Yield what is wrong with ``spec.updateStrategy``."""
    if strategy["type"] == "RollingUpdate":
        yield from _rolling_faults(strategy["rollingUpdate"], "spec.updateStrategy.rollingUpdate")
    elif strategy["type"] != "OnDelete":
        shown = {"Type": strategy["type"], "RollingUpdate": _internal(strategy.get("rollingUpdate"))}
        yield unsupported("spec.updateStrategy", shown, STRATEGIES)


def _internal(rolling: Manifest | None) -> Manifest | None:
    """Return a value as the server holds it inside: that is what it shows in this one message."""
    if rolling is None:
        return None
    return {"MaxUnavailable": rolling.get("maxUnavailable", 0), "MaxSurge": rolling.get("maxSurge", 0)}


def _rolling_faults(rolling: Manifest, path: str) -> Iterator[Cause]:
    unavailable, surge = rolling["maxUnavailable"], rolling["maxSurge"]
    for field, value in (("maxUnavailable", unavailable), ("maxSurge", surge)):
        yield from share_faults(value, f"{path}.{field}")
    for field, value in (("maxUnavailable", unavailable), ("maxSurge", surge)):
        yield from more_than_all_faults(value, f"{path}.{field}")
    if share(unavailable) and share(surge):
        yield invalid(f"{path}.maxSurge", surge, "may not be set when maxUnavailable is non-zero")
    elif not share(unavailable) and not share(surge):
        yield required(f"{path}.maxUnavailable", "cannot be 0 when maxSurge is 0")
