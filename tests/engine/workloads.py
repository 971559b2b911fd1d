"""A cluster in memory whose workloads come in through admission, as people write them."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

import yaml

from controller.engine.admission.admit import admit_create, admit_update
from controller.engine.changes import Verb
from controller.engine.controllers.podcontrol import classes_in
from controller.engine.objects import Manifest, Pod, View
from controller.engine.settings import Settings
from controller.engine.views import Workload
from tests.engine.play import Play

QUICK = Settings(start_delay=0, stop_delay=0, node_grace=6)


class Workloads(Play):
    """A played cluster with words for any kind."""

    def create(self, text: str) -> list[View]:
        """Create the objects of a YAML text; return them as they stand."""
        return [self.make(raw["kind"], raw) for raw in yaml.safe_load_all(text)]

    def make(self, kind: str, raw: Manifest) -> View:
        """Create an object."""
        uid, suffix = self.names.uid(), self.names.suffix()
        manifest = admit_create(kind, raw, self.now, uid, suffix, classes=partial(classes_in, self.world))
        self.edit(kind, manifest, Verb.ADDED, {"born": self.time} if kind == "Pod" else None)
        meta = manifest["metadata"]
        return self.the(kind, meta["name"], meta.get("namespace", ""))

    def the(self, kind: str, name: str, namespace: str = "default") -> View:
        """Return an object that is there."""
        found = self.world.find(kind, namespace, name)
        assert found, f"there is no {kind} {name}"
        return found

    def workload(self, kind: str, name: str) -> Workload:
        """Return a workload that is there."""
        return cast("Workload", self.the(kind, name))

    def change(self, kind: str, name: str, **spec: Any) -> None:
        """Change fields of a spec, through admission."""
        view = self.the(kind, name)
        wanted = {**view.manifest, "spec": {**view.manifest["spec"], **spec}}
        self.edit(kind, admit_update(kind, view.manifest, wanted), timers=view.timers)

    def mark(self, kind: str, name: str, **meta: Any) -> None:
        """Change metadata of an object."""
        view = self.the(kind, name)
        manifest = {**view.manifest, "metadata": {**view.manifest["metadata"], **meta}}
        self.edit(kind, manifest, timers=view.timers)

    def set_template(self, kind: str, name: str, image: str) -> None:
        """Change the image of a template's first container."""
        template = self.the(kind, name).manifest["spec"]["template"]
        containers = [{**template["spec"]["containers"][0], "image": image}]
        self.change(kind, name, template={**template, "spec": {**template["spec"], "containers": containers}})

    def remove(self, kind: str, name: str) -> None:
        """Delete an object at once."""
        self.edit(kind, self.the(kind, name).manifest, Verb.DELETED)

    def status_of(self, kind: str, name: str) -> Manifest:
        """Return the status of an object."""
        return dict(self.the(kind, name).manifest.get("status") or {})

    def names_of(self, **labels: str) -> list[str]:
        """Return the names of the pods that stand and bear labels, those that are going left out."""
        return sorted(pod.name for pod in self.standing() if labels.items() <= pod.labels.items())

    def standing(self) -> list[Pod]:
        """Return the pods that are neither going nor over."""
        return [pod for pod in self.pods() if not pod.terminating and not pod.finished]

    def behave(self, name: str, behaviour: str) -> None:
        """Make a pod behave as an annotation says."""
        self.annotate_pod(cast("Pod", self.the("Pod", name)), behaviour=behaviour)
