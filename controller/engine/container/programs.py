"""Which program a simulated container runs: what it prints, what it is called, by image or annotation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime

from controller.engine.objects import SIM, Manifest

LINE_ANNOTATION = SIM + "log-line"
EVERY_ANNOTATION = SIM + "log-every"
SHORTEST, LONGEST = 0.01, 86_400.0
"""Bounds of the seconds of cluster time between two lines."""


@dataclass(frozen=True, slots=True)
class Program:
    """Lines when it starts, then a line every so many seconds of cluster time; ``command`` is for ps."""

    opening: tuple[str, ...]
    beat: str
    every: float
    command: str


PROGRAMS = {
    "ssd-monitor": Program((), "SSD OK", 5, '/bin/sh -c while true; do echo "SSD OK"; sleep 5; done'),
    "nginx": Program(
        (
            "/docker-entrypoint.sh: Configuration complete; ready for start up",
            '{log_time} [notice] 1#1: using the "epoll" event method',
            "{log_time} [notice] 1#1: start worker processes",
        ),
        '10.64.0.1 - - [{access_time}] "GET / HTTP/1.1" 200 612 "-" "kube-probe/1.36" "-"',
        10,
        "nginx: master process nginx -g daemon off;",
    ),
    "fluentd": Program(
        (
            "{clock_time} +0000 [info]: starting fluentd",
            "{clock_time} +0000 [info]: following tail of /var/log/containers on {node}",
        ),
        "{clock_time} +0000 [info]: flushed chunk {number} of {node}",
        30,
        "/usr/sbin/td-agent",
    ),
}
"""By a word in the last part of an image's name."""


def image_name(image: str) -> str:
    """Return the last part of an image's name: ``busybox`` of ``docker.io/library/busybox:1.36``."""
    return image.rpartition("/")[2].partition(":")[0].partition("@")[0]


def program_of(pod: Manifest, container: Manifest) -> Program:
    """Return what a container runs. Annotations of the pod go before what its image would print."""
    image = container["image"]
    name = image_name(image)
    own = next((program for word, program in PROGRAMS.items() if word in name), None)
    own = own or Program(("{image} starts on {node}",), "{image} runs in {pod}: {number}", 10, f"/{name}")
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    command = " ".join(words) if container.get("command") else own.command
    annotations = pod["metadata"].get("annotations") or {}
    every = _seconds(annotations.get(EVERY_ANNOTATION), own.every)
    line = annotations.get(LINE_ANNOTATION)
    if line is None:
        return Program(own.opening, own.beat, every, command)
    return Program((), line, every, command)


def _seconds(text: str | None, default: float) -> float:
    try:
        said = float(text or "")
    except ValueError:
        return default
    return min(max(said, SHORTEST), LONGEST) if math.isfinite(said) else default


def fill(text: str, pod: Manifest, container: Manifest, number: int, wall: float) -> str:
    """Return a line with its ``{words}`` filled in, printed as the ``number``-th at a wall time."""
    if "{" not in text:
        return text
    meta, at = pod["metadata"], datetime.fromtimestamp(wall, UTC)
    facts = {
        "pod": meta["name"],
        "namespace": meta["namespace"],
        "node": pod["spec"].get("nodeName") or "",
        "container": container["name"],
        "image": container["image"],
        "number": str(number),
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "log_time": at.strftime("%Y/%m/%d %H:%M:%S"),
        "access_time": at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "clock_time": at.strftime("%Y-%m-%d %H:%M:%S"),
    }
    for name, fact in facts.items():
        text = text.replace(f"{{{name}}}", fact)
    return text
