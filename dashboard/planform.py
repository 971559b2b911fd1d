"""The form of a rollout plan: the fields of its annotation, each with its faults beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from controller.engine.daemonset.staged.plan import (
    FIELDS,
    LONGEST,
    MOST_NODES,
    ON_FAILURE,
    PROMOTION,
    InvalidPlan,
    Plan,
)
from controller.queries.limits import Limits
from dashboard.forms import mono, number_or_percentage
from dashboard.liveforms import LiveForm
from dashboard.present.words import Word

WORDS: dict[str, Word] = {
    "Automatic": gettext_lazy("by itself"),
    "AfterCanary": gettext_lazy("when somebody promotes the canary"),
    "EveryWave": gettext_lazy("when somebody promotes each wave"),
    "Pause": gettext_lazy("pause the rollout"),
    "Undo": gettext_lazy("go back to the revision of before"),
}

FAULTS: dict[str, Word] = {
    "canary": gettext_lazy("Write a label selector of nodes, such as disk=ssd."),
    "waves": gettext_lazy(
        "Write label selectors with semicolons between them, each once, none just canary, rest or all."
    ),
    "wavesBy": gettext_lazy("Write the key of a label of nodes."),
    "partition": gettext_lazy("Write a number of nodes, or a percentage up to 100%."),
    "maxUnavailable": gettext_lazy("Write a number above 0, or a percentage up to 100%."),
}
"""What a field must be, where Django does not say it itself."""

SHARES = ("partition", "max_unavailable")
BETWEEN = ";"
"""What stands between the selectors of waves: they have commas themselves."""


class PlanForm(LiveForm):
    """How a set is to be rolled out. ``labels`` are keys of labels that are proposed for waves."""

    id = "plan"
    template_name = "dashboard/shared/forms/plan.html"
    labels: tuple[str, ...] = ()

    canary = forms.CharField(
        label=gettext_lazy("Canary nodes"),
        required=False,
        widget=mono(placeholder="disk=ssd"),
        help_text=gettext_lazy("A label selector: they go first."),
    )
    waves = forms.CharField(
        label=gettext_lazy("Then these waves"),
        required=False,
        widget=mono(placeholder="zone=b; zone in (a, c)"),
        help_text=gettext_lazy("Label selectors in their order, with semicolons."),
    )
    waves_by = forms.CharField(
        label=gettext_lazy("Then waves by label"),
        required=False,
        widget=mono(list="label-keys"),
        help_text=gettext_lazy("Its values follow one after the other."),
    )
    promotion = forms.ChoiceField(
        label=gettext_lazy("The next wave begins"), choices=[(word, WORDS[word]) for word in PROMOTION]
    )
    soak = forms.IntegerField(
        label=gettext_lazy("Soak (s)"),
        min_value=0,
        max_value=LONGEST,
        help_text=gettext_lazy("How long a wave must stay available."),
    )
    partition = forms.CharField(
        label=gettext_lazy("Partition"), widget=mono(), help_text=gettext_lazy("Nodes kept old: number or %")
    )
    max_unavailable = forms.CharField(
        label="maxUnavailable",
        required=False,
        widget=mono(),
        help_text=gettext_lazy("Empty: that of the set's strategy."),
    )
    max_failures = forms.IntegerField(
        label=gettext_lazy("Failures that stop it"),
        min_value=0,
        max_value=MOST_NODES,
        help_text=gettext_lazy("Nodes in trouble; 0: never."),
    )
    on_failure = forms.ChoiceField(
        label=gettext_lazy("What it does then"), choices=[(word, WORDS[word]) for word in ON_FAILURE]
    )
    deadline = forms.IntegerField(
        label=gettext_lazy("Deadline (s)"),
        min_value=0,
        max_value=LONGEST,
        help_text=gettext_lazy("A new pod not ready for so long is in trouble."),
    )

    def clean(self) -> dict[str, Any]:
        """Say at each field what the plan does not take."""
        given = super().clean() or {}
        for name, (attribute, *_) in FIELDS.items():
            if name in FAULTS and attribute in given:
                try:
                    Plan.of(self.fields_of({attribute: given[attribute]}))
                except InvalidPlan:
                    self.add_error(attribute, str(FAULTS[name]))
        return given

    @staticmethod
    def values_of(plan: Plan) -> dict[str, object]:
        """Return what the form shows of a plan."""
        shown = {attribute: getattr(plan, attribute) for attribute, *_ in FIELDS.values()}
        whole = {name: int(shown[name]) for name in ("soak", "deadline")}
        return {
            **shown,
            **whole,
            "waves": f"{BETWEEN} ".join(plan.waves),
            "max_unavailable": "" if plan.max_unavailable is None else plan.max_unavailable,
        }

    @staticmethod
    def fields_of(values: Mapping[str, object]) -> dict[str, object]:
        """Return the fields of a plan from the values of the form; what is empty is left out."""
        names = {attribute: name for name, (attribute, *_) in FIELDS.items()}
        return {names[key]: _read(key, value) for key, value in values.items() if value not in {"", None}}


def _read(key: str, value: object) -> object:
    if key == "waves":
        return [one for one in map(str.strip, str(value).split(BETWEEN)) if one]
    return number_or_percentage(str(value)) if key in SHARES else value


class LimitsForm(forms.Form):
    """What else could bound a rollout, as sliders. ``desired`` is how many nodes should run the set."""

    max_unavailable = forms.IntegerField(label="maxUnavailable", min_value=0)
    max_surge = forms.IntegerField(label="maxSurge", min_value=0)
    min_ready_seconds = forms.IntegerField(label="minReadySeconds", min_value=0, max_value=LONGEST)

    def __init__(self, *args: Any, desired: int, **kwargs: Any) -> None:  # noqa: ANN401 - as Django has it
        super().__init__(*args, **kwargs)
        self.auto_id = "limits_%s"  # the form of the plan has a field of that name
        reach = {"max_unavailable": desired, "max_surge": desired, "min_ready_seconds": SLIDES}
        for name, most in reach.items():
            standing = int(self.initial.get(name) or 0)
            widget = {"type": "range", "min": 0, "max": max(1, most, standing), "step": 1}
            self.fields[name].widget = forms.TextInput(attrs=widget)

    def limits(self) -> Limits:
        """Return what was asked."""
        return Limits(**self.cleaned_data)


SLIDES = 300
"""The most seconds of minReadySeconds on its slider."""
