"""Forms of values that others may change while they are open: they follow, and never overwrite unseen.

Each field carries the value it was made from, in Django's own hidden initial. So a form sends only what
its user changed, and knows when somebody else changed the same field meanwhile: then both values are
shown, and saving again is a decision. While it is untouched, the page's live parts draw it anew
(``static/js/forms.js``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from controller.engine.daemonset import rollout
from controller.engine.edits.scale import LARGEST
from controller.engine.errors import Busy, Conflict
from dashboard.forms import MachinesForm, mono
from dashboard.http import Request, accepted
from dashboard.present.words import BEHAVIOURS

Version = TypeVar("Version")
TRIES = 5
"""How often a form is sent again when something else of its object changed in that very moment."""


@dataclass(frozen=True, slots=True)
class Sides:
    """A field that was changed here and elsewhere: what stands now, and what was typed."""

    label: str
    standing: str
    typed: str


class LiveForm(forms.Form):
    """A form that knows of each field what it was made from, and what else became of it meanwhile.

    ``id`` is the form's in the page, ``template_name`` how it is drawn there.
    """

    id: str
    stale: tuple[Sides, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as Django has it
        super().__init__(*args, **{**kwargs, "auto_id": f"{self.id}-%s"})
        for field in self.fields.values():
            field.show_hidden_initial = not isinstance(field.widget, forms.HiddenInput)

    def changes(self) -> dict[str, Any]:
        """Return the fields that the user changed, with their new values.

        A form that does not say what it was made from was sent by a program: all its fields count.
        """
        return {
            name: self.cleaned_data[name]
            for name in self.fields
            if name in self.changed_data or self._made_from(name) is None
        }

    def _made_from(self, name: str) -> str | None:
        made_from = self.data.get(self[name].html_initial_name)
        return None if made_from is None else str(made_from)

    def is_stale(self, standing: Mapping[str, object]) -> bool:
        """Compare with what stands now: whether a field was changed elsewhere to something else.

        If so, ``stale`` tells of it, and the next sending of this form replaces what stands.
        """
        sides, fresh = [], {}
        for name in self.changes().keys() & standing.keys():
            now, typed = str(standing[name]), str(self.cleaned_data[name])
            if self._made_from(name) not in {None, now} and typed != now:
                sides.append(Sides(str(self[name].label), now, typed))
                fresh[self[name].html_initial_name] = now
        self.stale = tuple(sides)
        self.data = {**{key: self.data.get(key) for key in self.data}, **fresh}
        return bool(sides)


def saved(
    form: LiveForm,
    standing: Callable[[], tuple[Mapping[str, object], Version]],
    save: Callable[[Mapping[str, object], Version], object],
) -> bool:
    """Carry out a form, unless it is malformed, stale or refused: then it says so itself.

    ``standing`` returns the values that stand now and the version they are of; ``save`` takes these
    values with what the user changed of them, and that version, and raises Conflict if another
    version stands by then. Raises Busy.
    """
    if not form.is_valid():
        return False
    for _attempt in range(TRIES):
        values, version = standing()
        if form.is_stale(values):
            return False
        try:
            return accepted(form, partial(save, {**values, **form.changes()}, version))
        except Conflict:
            continue
    raise Busy


def unsaved(request: Request, form: LiveForm, context: Mapping[str, object]) -> HttpResponse:
    """Answer htmx with the form as it is now: with its faults, or with both sides of what is stale."""
    status = HTTPStatus.CONFLICT if form.stale else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "dashboard/shared/forms/answer.html", {"form": form, **context}, status=status)


class ImageForm(LiveForm):
    """The image of one container."""

    template_name = "dashboard/shared/forms/image.html"

    container = forms.CharField(widget=forms.HiddenInput)
    image = forms.CharField(label=gettext_lazy("Image"), widget=mono())

    def __init__(self, *args: Any, container: str, **kwargs: Any) -> None:  # noqa: ANN401 - as Django has it
        self.id = f"image-{container}"
        super().__init__(*args, **kwargs)
        self.initial["container"] = container


class ScaleForm(LiveForm):
    """How many pods a workload asks for."""

    id = "scale"
    template_name = "dashboard/shared/forms/scale.html"

    replicas = forms.IntegerField(label=gettext_lazy("Pods"), min_value=0, max_value=LARGEST)


class StrategyForm(LiveForm):
    """How the pods of a set are replaced."""

    id = "strategy"
    template_name = "dashboard/shared/forms/strategy.html"

    strategy = forms.ChoiceField(
        label=gettext_lazy("Strategy"), choices=[(word, word) for word in rollout.TYPES]
    )
    max_unavailable = forms.CharField(
        label="maxUnavailable", initial="1", widget=mono(), help_text=gettext_lazy("number or %")
    )
    max_surge = forms.CharField(
        label="maxSurge", initial="0", widget=mono(), help_text=gettext_lazy("number or %")
    )
    min_ready_seconds = forms.IntegerField(label="minReadySeconds", initial=0, min_value=0)


class BehaviourForm(LiveForm):
    """How simulated containers behave."""

    id = "behaviour"
    template_name = "dashboard/shared/forms/behaviour.html"

    behaviour = forms.ChoiceField(label=gettext_lazy("Fault"), required=False, choices=BEHAVIOURS.items())


class LiveMachinesForm(LiveForm, MachinesForm):
    """How the simulated machines of a cluster are."""

    id = "delays"
    template_name = "dashboard/shared/forms/delays.html"
