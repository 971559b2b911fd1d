"""The rules of probes and of lifecycle hooks: how a container is asked and told things."""

from __future__ import annotations

from collections.abc import Iterator

from controller.engine.admission import grammar
from controller.engine.admission.field_errors import each_invalid, forbidden, invalid, required, unsupported
from controller.engine.errors import Cause
from controller.engine.objects import Manifest

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")


def probes_faults(container: Manifest, path: str) -> Iterator[Cause]:
    """Yield what is wrong with a container's hooks and probes."""
    for hook in ("postStart", "preStop"):
        if hook in container.get("lifecycle", {}):
            yield from _handler_faults(container["lifecycle"][hook], f"{path}.lifecycle.{hook}")
    for name in PROBES:
        if name in container:
            yield from _probe_faults(name, container[name], f"{path}.{name}")


def _probe_faults(name: str, probe: Manifest, path: str) -> Iterator[Cause]:
    yield from _handler_faults(probe, path)
    for field in NUMBERS:
        if probe.get(field, 0) < 0:
            yield invalid(f"{path}.{field}", probe[field], "must be greater than or equal to 0")
    grace = probe.get("terminationGracePeriodSeconds", 1)
    if name == "readinessProbe":
        if "terminationGracePeriodSeconds" in probe:
            yield invalid(
                f"{path}.terminationGracePeriodSeconds", grace, "must not be set for readinessProbes"
            )
        return
    if grace <= 0:
        yield invalid(f"{path}.terminationGracePeriodSeconds", grace, "must be greater than 0")
    if probe.get("successThreshold", 1) != 1:
        yield invalid(f"{path}.successThreshold", probe["successThreshold"], "must be 1")


def _handler_faults(handler: Manifest, path: str) -> Iterator[Cause]:
    given = [name for name in HANDLERS if name in handler]
    if not given:
        yield required(path, "must specify a handler type")
    for extra in given[1:]:
        yield forbidden(f"{path}.{extra}", "may not specify more than 1 handler type")
    for name in given[:1]:
        yield from _action_faults(name, handler[name], f"{path}.{name}")


def _action_faults(name: str, action: Manifest, path: str) -> Iterator[Cause]:
    if name == "exec" and not action.get("command"):
        yield required(f"{path}.command")
    if name in {"httpGet", "tcpSocket"}:
        yield from _port_faults(action.get("port", 0), f"{path}.port")
    if name == "grpc":
        yield from each_invalid(
            f"{path}.port", action.get("port", 0), grammar.port_number(action.get("port", 0))
        )
    if name == "httpGet" and action.get("scheme") not in {"HTTP", "HTTPS"}:
        yield unsupported(f"{path}.scheme", action.get("scheme", ""), ("HTTP", "HTTPS"))


def _port_faults(port: int | str, path: str) -> list[Cause]:
    check = grammar.port_number(port) if isinstance(port, int) else grammar.port_name(port)
    return each_invalid(path, port, check)
