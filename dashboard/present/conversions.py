"""The conversion of old manifests in words: what was done to each object, and the difference."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.manifests import Conversion, Step, What
from dashboard.present.diffs import DiffLine, difference

SENTENCES = {
    What.VERSION: gettext_lazy("%(field)s is now %(becomes)s"),
    What.SELECTOR: gettext_lazy("%(field)s is required now: it was made from %(becomes)s"),
    What.DEFAULT: gettext_lazy("%(field)s was left out, and means something else now: it is written out"),
    What.MOVED: gettext_lazy("%(field)s is now %(becomes)s"),
    What.DROPPED: gettext_lazy("%(field)s is no more: it was taken out"),
}


@dataclass(frozen=True, slots=True)
class ConversionShown:
    """What was done, a sentence each, and the lines that differ."""

    steps: list[str]
    diff: list[DiffLine]


def conversion_shown(before: str, conversion: Conversion) -> ConversionShown:
    """Return a conversion as the page tells it."""
    return ConversionShown(
        [_sentence(step) for step in conversion.steps], difference(before, conversion.text)
    )


def _sentence(step: Step) -> str:
    said = SENTENCES[step.what] % {"field": step.field, "becomes": step.becomes}
    return _("%(object)s: %(said)s.") % {"object": f"{step.kind} {step.name}".strip(), "said": said}
