"""Manifests to begin with, on the page that creates from YAML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy

from dashboard.present.words import Word

FOLDER = Path(__file__).resolve().parent.parent / "examples"


@dataclass(frozen=True, slots=True)
class Example:
    """A manifest with the words of its button."""

    key: str
    label: Word
    text: str


def _example(key: str, label: Word) -> Example:
    return Example(key, label, (FOLDER / f"{key}.yaml").read_text(encoding="utf-8"))


EXAMPLES = (
    _example("ssd-monitor", gettext_lazy("ssd-monitor (node selector)")),
    _example("log-agent", gettext_lazy("log agent (host paths, tolerations)")),
    _example("gpu-driver", gettext_lazy("GPU driver (affinity, surge)")),
    _example("database", gettext_lazy("database (StatefulSet, claims, storage class)")),
    _example("deployment", gettext_lazy("Deployment with a Service")),
    _example("statefulset", gettext_lazy("StatefulSet with its volumes")),
    _example("replicaset", "ReplicaSet"),
    _example("replicationcontroller", "ReplicationController"),
    _example("job", "Job"),
    _example("cronjob", "CronJob"),
    _example("pod", gettext_lazy("bare Pod")),
)
