"""What the page of an object lets people do: its buttons, and its forms of number, image and behaviour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypedDict

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.edits.manifest_copies import behaviour_of, template_of
from controller.engine.errors import BadRequest
from controller.engine.objects import Manifest
from controller.queries.workloads import object_manifest
from controller.services import workloads as services
from dashboard.forms import whole_number
from dashboard.liveforms import BehaviourForm, ImageForm, LiveForm, ScaleForm, saved
from dashboard.present.words import BEHAVIOURS
from dashboard.present.workloads import IMMUTABLE, is_scaled, is_templated

ABOUT = gettext_lazy("Written into the template: pods that are made from now on behave so.")

Values = Mapping[str, object]


class Place(TypedDict):
    """Which object, as the services and queries take it."""

    kind: str
    namespace: str
    name: str


class Who(Place):
    """Who changes which object."""

    cluster: int
    actor: str


@dataclass(frozen=True, slots=True)
class Which:
    """Which object an address names."""

    kind: str
    namespace: str
    name: str

    @property
    def place(self) -> Place:
        """Return it as services and queries take it."""
        return {"kind": self.kind, "namespace": self.namespace, "name": self.name}


def containers_of(manifest: Manifest) -> dict[str, str]:
    """Return the image of each container of a workload's template by its name."""
    spec = template_of(manifest).get("spec") or {}
    return {
        one["name"]: one["image"] for part in ("containers", "initContainers") for one in spec.get(part) or ()
    }


def forms_of(manifest: Manifest, given: LiveForm | None = None) -> dict[str, object]:
    """Return the forms of an object's page by their names there; ``given`` takes the place of its like."""
    made: list[LiveForm] = []
    if is_scaled(manifest):
        made.append(ScaleForm(initial={"replicas": manifest["spec"].get("replicas") or 0}))
    if is_templated(manifest) and manifest["kind"] not in IMMUTABLE:
        made += [
            ImageForm(container=name, initial={"image": image})
            for name, image in containers_of(manifest).items()
        ]
        made.append(BehaviourForm(initial={"behaviour": behaviour_of(template_of(manifest))}))
    shown = [given if given and given.id == form.id else form for form in made]
    return {
        "scale_form": next((form for form in shown if isinstance(form, ScaleForm)), None),
        "image_forms": [form for form in shown if isinstance(form, ImageForm)],
        "behaviour_form": next((form for form in shown if isinstance(form, BehaviourForm)), None),
        "behaviour_about": ABOUT,
    }


@dataclass(frozen=True, slots=True)
class FormKind:
    """A kind of form: how it is read, what stands in its place, how it is saved, and what is said then."""

    read: Callable[[QueryDict], LiveForm]
    standing: Callable[[LiveForm, Manifest], Values]
    save: Callable[[Who, Values, str], object]
    message: Callable[[Values], str]


def save_form(cluster: int, actor: str, which: Which, sent: QueryDict) -> tuple[LiveForm, str]:
    """Save the form that a button sent; return it and what was done, or "" if the form says why not.

    Raises NotFound, Busy, BadRequest for a kind that has no such form.
    """
    kind = FORMS[sent.get("action", "")]
    form = kind.read(sent)
    who: Who = {**which.place, "cluster": cluster, "actor": actor}

    def standing() -> tuple[Values, str]:
        found = object_manifest(cluster=cluster, **which.place)
        if not (is_scaled(found) if isinstance(form, ScaleForm) else is_templated(found)):
            raise BadRequest(_("There is no such action."))
        return kind.standing(form, found), found["metadata"]["resourceVersion"]

    done = saved(form, standing, lambda values, version: kind.save(who, values, version))
    return form, kind.message(form.cleaned_data) if done else ""


def _image_standing(form: LiveForm, found: Manifest) -> Values:
    container = form.cleaned_data["container"]
    return {"container": container, "image": containers_of(found).get(container, "")}


FORMS: dict[str, FormKind] = {
    "scale": FormKind(
        ScaleForm,
        lambda _form, found: {"replicas": found["spec"].get("replicas") or 0},
        lambda who, values, version: services.workload_scale(
            **who, replicas=int(str(values["replicas"])), seen=version
        ),
        lambda values: _("Asked for %(n)s pods.") % {"n": values["replicas"]},
    ),
    "image": FormKind(
        lambda sent: ImageForm(sent, container=sent.get("container", "")),
        _image_standing,
        lambda who, values, version: services.workload_image(
            **who, container=str(values["container"]), image=str(values["image"]), seen=version
        ),
        lambda values: _("Set the image %(image)s.") % {"image": values["image"]},
    ),
    "behaviour": FormKind(
        BehaviourForm,
        lambda _form, found: {"behaviour": behaviour_of(template_of(found))},
        lambda who, values, version: services.workload_behaviour(
            **who, behaviour=str(values["behaviour"]) or None, seen=version
        ),
        lambda values: _("New pods: %(behaviour)s.") % {"behaviour": BEHAVIOURS[str(values["behaviour"])]},
    ),
}
"""By the word that the form's button sends."""


def change(cluster: int, actor: str, which: Which, sent: QueryDict) -> str:
    """Do what a button asks for, and say what was done. Raises Refused, of an unknown word BadRequest."""
    who: Who = {**which.place, "cluster": cluster, "actor": actor}
    action = ACTIONS.get(sent.get("action", ""))
    if action is None:
        raise BadRequest(_("There is no such action."))
    return action(who, sent)


def _restart(who: Who, _sent: QueryDict) -> str:
    if who["kind"] in IMMUTABLE or not is_templated(_found(who)):
        raise BadRequest(_("There is no such action."))
    services.workload_restart(**who)
    return _("Every pod is to be replaced.")


def _found(who: Who) -> Manifest:
    place: Place = {"kind": who["kind"], "namespace": who["namespace"], "name": who["name"]}
    return object_manifest(cluster=who["cluster"], **place)


def _pause(who: Who, _sent: QueryDict) -> str:
    services.workload_pause(**who, paused=True)
    return _("%(name)s stands still.") % {"name": who["name"]}


def _resume(who: Who, _sent: QueryDict) -> str:
    services.workload_pause(**who, paused=False)
    return _("%(name)s goes on.") % {"name": who["name"]}


def _rollback(who: Who, sent: QueryDict) -> str:
    revision = sent.get("revision", "")
    services.workload_rollback(**who, revision=whole_number(revision) or 0, seen=sent.get("seen"))
    return _("Rolling back to revision %(n)s.") % {"n": revision}


ACTIONS: dict[str, Callable[[Who, QueryDict], str]] = {
    "restart": _restart,
    "pause": _pause,
    "resume": _resume,
    "rollback": _rollback,
}
"""By the word that the button sends."""
