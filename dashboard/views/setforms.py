"""The forms of a set's page: image, strategy and behaviour, as they stand and as they are saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.queries import daemonsets as queries
from controller.queries.daemonsets import SetDetail
from controller.queries.source import cluster_view
from controller.services import daemonsets as services
from dashboard.forms import number_or_percentage
from dashboard.liveforms import BehaviourForm, ImageForm, LiveForm, StrategyForm, saved
from dashboard.present.words import BEHAVIOURS
from dashboard.views.setactions import Who

Values = Mapping[str, object]

ABOUT = gettext_lazy("Written into the template: a new revision whose pods behave so.")


def strategy_values(found: SetDetail) -> dict[str, object]:
    """Return what the strategy form shows of a set."""
    return {
        "strategy": found.row.strategy,
        "max_unavailable": found.max_unavailable,
        "max_surge": found.max_surge,
        "min_ready_seconds": int(found.min_ready_seconds),
    }


def forms_of(found: SetDetail, given: LiveForm | None = None) -> dict[str, object]:
    """Return the forms of a set's page by their names there; ``given`` takes the place of its like."""
    images: list[LiveForm] = [
        ImageForm(container=one.name, initial={"image": one.image}) for one in found.containers
    ]
    strategy: LiveForm = StrategyForm(initial=strategy_values(found))
    behaviour: LiveForm = BehaviourForm(initial={"behaviour": found.behaviour})
    return {
        "image_forms": [given if given and given.id == form.id else form for form in images],
        "strategy_form": given if given and given.id == strategy.id else strategy,
        "behaviour_form": given if given and given.id == behaviour.id else behaviour,
        "behaviour_about": ABOUT,
    }


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of form: how it is read, what stands in its place, how it is saved, and what is said then."""

    read: Callable[[QueryDict], LiveForm]
    standing: Callable[[LiveForm, SetDetail], Values]
    save: Callable[[Who, Values, str], object]
    message: Callable[[Values], str]


def save_form(who: Who, action: str, sent: QueryDict) -> tuple[LiveForm, str]:
    """Save the form that a button sent; return it and what was done, or "" if the form says why not.

    Raises NotFound, Busy.
    """
    kind = KINDS[action]
    form = kind.read(sent)

    def standing() -> tuple[Values, str]:
        with cluster_view(who["cluster"]) as view:
            found = queries.daemonset(view, namespace=who["namespace"], name=who["name"])
        return kind.standing(form, found), found.row.version

    def save(values: Values, version: str) -> None:
        kind.save(who, values, version)

    done = saved(form, standing, save)
    return form, kind.message(form.cleaned_data) if done else ""


def _image_standing(form: LiveForm, found: SetDetail) -> Values:
    images = {one.name: one.image for one in found.containers}
    container = form.cleaned_data["container"]
    return {"container": container, "image": images.get(container, "")}


def _save_strategy(who: Who, values: Values, version: str) -> None:
    services.daemonset_strategy(
        **who,
        strategy=str(values["strategy"]),
        max_unavailable=number_or_percentage(str(values["max_unavailable"])),
        max_surge=number_or_percentage(str(values["max_surge"])),
        min_ready_seconds=int(str(values["min_ready_seconds"])),
        seen=version,
    )


KINDS: dict[str, Kind] = {
    "image": Kind(
        lambda sent: ImageForm(sent, container=sent.get("container", "")),
        _image_standing,
        lambda who, values, version: services.daemonset_image(
            **who, container=str(values["container"]), image=str(values["image"]), seen=version
        ),
        lambda values: _("Set the image %(image)s.") % {"image": values["image"]},
    ),
    "strategy": Kind(
        StrategyForm,
        lambda _form, found: strategy_values(found),
        _save_strategy,
        lambda _values: _("Saved how pods are replaced."),
    ),
    "behaviour": Kind(
        BehaviourForm,
        lambda _form, found: {"behaviour": found.behaviour},
        lambda who, values, version: services.daemonset_behaviour(
            **who, behaviour=str(values["behaviour"]) or None, seen=version
        ),
        lambda values: _("New pods: %(behaviour)s.") % {"behaviour": BEHAVIOURS[str(values["behaviour"])]},
    ),
}
"""By the word that the form's button sends."""
