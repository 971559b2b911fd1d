"""Forms of YAML, typed or uploaded: what is wrong with the text keeps its place in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboard.forms import StaleForm, mono, retype
from dashboard.present.faults import FaultRow, plain_rows

LARGEST_UPLOAD = 1024 * 1024


class TextForm(forms.Form):
    """A form with a ``text`` of YAML. ``marked`` are its faults with their places, once it was refused."""

    marked: Sequence[FaultRow] = ()

    def faults(self) -> Sequence[FaultRow]:
        """Return all that is wrong with the text."""
        return self.marked or plain_rows(self.non_field_errors())


class ManifestForm(TextForm, StaleForm):
    """One object as YAML."""

    text = forms.CharField(label="YAML", strip=False, widget=mono(24, wrap="off"))


class StaticPodForm(ManifestForm):
    """A pod as YAML, and the file of a machine's manifest folder that is to hold it."""

    file = forms.RegexField(
        r"\A[A-Za-z0-9_][A-Za-z0-9_.-]*\Z",
        label=gettext_lazy("File in the manifest folder"),
        max_length=100,
        widget=mono(placeholder="agent.yaml"),
        help_text=gettext_lazy("One Pod. The machine runs it by itself, as NAME-NODE, until the file goes."),
        error_messages={"invalid": gettext_lazy("Letters, digits, dots, dashes and underscores.")},
    )


class ManifestsForm(TextForm):
    """Objects as YAML, typed or uploaded."""

    text = forms.CharField(label="YAML", strip=False, required=False, widget=mono(24, wrap="off"))
    file = forms.FileField(
        label=gettext_lazy("Or upload a file"),
        required=False,
        help_text=gettext_lazy(
            "At most 1 MiB. With scripts it is added to the text, and may be dropped there; without, it is "
            "taken instead."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Take an uploaded file for the text. It is shown if nothing was typed, which it would replace."""
        given = super().clean() or {}
        upload = given.get("file")
        if upload:
            typed, given["text"] = given.get("text") or "", self._read(upload)
            if not typed.strip():
                retype(self, text=given["text"])
        if "text" not in self.errors and not (given.get("text") or "").strip():
            raise forms.ValidationError(_("There is nothing to create: type or upload a manifest."))
        return given

    @staticmethod
    def _read(upload: Any) -> str:  # noqa: ANN401 - as Django has it
        if upload.size > LARGEST_UPLOAD:
            raise forms.ValidationError(_("The file is larger than 1 MiB."))
        try:
            return str(upload.read().decode())
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The file is no UTF-8 text.")) from error
