"""What a race is asked for: one change of a set, and the strategies that take part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from controller.engine.daemonset import rollout
from controller.queries.race import Entrant
from dashboard.forms import mono, number_or_percentage

LONGEST = 86_400


class ChangeForm(forms.Form):
    """A new image of one container; without one all pods are restarted."""

    container = forms.ChoiceField(label=gettext_lazy("Container"))
    image = forms.CharField(
        label=gettext_lazy("New image"),
        required=False,
        max_length=512,
        widget=mono(),
        help_text=gettext_lazy("Empty: all pods are restarted."),
    )

    def __init__(self, containers: Iterable[str], *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as Django has it
        super().__init__(*args, **kwargs)
        self.fields["container"].choices = [(name, name) for name in containers]  # type: ignore[attr-defined]


class EntrantForm(forms.Form):
    """A strategy that takes part."""

    strategy = forms.ChoiceField(
        label=gettext_lazy("Strategy"),
        required=False,
        choices=[("", gettext_lazy("takes no part")), *((word, word) for word in rollout.TYPES)],
    )
    max_unavailable = forms.CharField(label="maxUnavailable", max_length=12, widget=mono(size=6))
    max_surge = forms.CharField(label="maxSurge", max_length=12, widget=mono(size=6))
    min_ready_seconds = forms.IntegerField(label="minReadySeconds", min_value=0, max_value=LONGEST)

    @property
    def taking_part(self) -> bool:
        """Whether it takes part; asked of a valid form."""
        return bool(self.cleaned_data["strategy"])

    def entrant(self) -> Entrant:
        """Return the strategy."""
        given = self.cleaned_data
        return Entrant(
            given["strategy"],
            number_or_percentage(given["max_unavailable"]),
            number_or_percentage(given["max_surge"]),
            given["min_ready_seconds"],
        )
