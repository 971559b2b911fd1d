"""How a real cluster is reached, as somebody pastes or uploads it: read and judged, and sent nowhere yet."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.errors import Refused
from controller.upstream import kubeconfig
from controller.upstream.connection import Connection, own_account
from dashboard.forms import mono, retype
from dashboard.present.trials import kubeconfig_fault

LARGEST = 1024 * 1024


class ConnectionForm(forms.Form):
    """A kubeconfig or the service account of our own pod; ``connection`` is what it comes to once valid."""

    connection: Connection | None = None

    kubeconfig = forms.CharField(
        label="kubeconfig",
        strip=False,
        required=False,
        widget=mono(10, wrap="off", placeholder="apiVersion: v1"),
    )
    file = forms.FileField(
        label=gettext_lazy("Or upload the file"),
        required=False,
        help_text=gettext_lazy("It takes the place of what is pasted above."),
    )
    context = forms.ChoiceField(
        label=gettext_lazy("Context"),
        required=False,
        help_text=gettext_lazy("Which others the kubeconfig holds is known once it was tested."),
    )
    own = forms.BooleanField(
        label=gettext_lazy("The cluster that Everynode runs in"),
        required=False,
        help_text=gettext_lazy("By the service account of its pod. Then no kubeconfig is needed."),
    )
    impersonate = forms.BooleanField(
        label=gettext_lazy("People act there as themselves"),
        required=False,
        help_text=gettext_lazy(
            "What they change is sent as theirs (Impersonate-User): the cluster's own rules and audit log "
            "see them."
        ),
    )
    unchecked = forms.BooleanField(
        label=gettext_lazy("Connect although nobody checks who answers"),
        required=False,
        help_text=gettext_lazy(
            "Whoever is between here and there can read the credentials and change all that is shown."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as Django has it
        super().__init__(*args, **kwargs)
        if own_account() is None:
            del self.fields["own"]
        self._ask_for_trust(asked="unchecked" in self.data)
        upload = self.files.get("file")
        text = _text_of(upload) if upload and (upload.size or 0) <= LARGEST else None
        if text is not None:
            retype(self, kubeconfig=text)
        self._offer(str(self.data.get("kubeconfig") or ""))

    def _ask_for_trust(self, *, asked: bool) -> None:
        """Show the box that gives up checking only to whom it concerns."""
        if asked:
            self.fields["unchecked"] = self.base_fields["unchecked"]
        else:
            self.fields.pop("unchecked", None)

    def _offer(self, text: str) -> None:
        """Let the field choose among the contexts of a kubeconfig, if it can be read."""
        found: tuple[kubeconfig.Context, ...] = ()
        with suppress(Refused):
            found = kubeconfig.contexts(text) if text.strip() else ()
        choices = [("", _("the current one")), *((one.name, f"{one.name} ({one.server})") for one in found)]
        field = self.fields["context"]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean_file(self) -> object:
        """Say why an uploaded file cannot be taken."""
        upload = self.cleaned_data.get("file")
        if upload and upload.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 1 MiB."))
        if upload and _text_of(upload) is None:
            raise forms.ValidationError(_("The file is no UTF-8 text."))
        return upload

    def clean(self) -> dict[str, Any]:
        """Read the connection; what is wrong with the kubeconfig is said beside it."""
        given = super().clean() or {}
        if not self.errors:
            self.connection = own_account() if given.get("own") else self._connection(given)
        if self.connection and _is_unchecked(self.connection) and not given.get("unchecked"):
            self._ask_for_trust(asked=True)
            self.add_error("unchecked", _unchecked_words(self.connection))
        return given

    def _connection(self, given: dict[str, Any]) -> Connection | None:
        text = given.get("kubeconfig") or ""
        if not text.strip():
            self.add_error("kubeconfig", _("Paste or upload a kubeconfig."))
            return None
        try:
            return kubeconfig.read(text, given.get("context") or "")
        except Refused as refused:
            self.add_error("kubeconfig", kubeconfig_fault(refused))
            return None


class RealClusterForm(ConnectionForm):
    """A real cluster to be added."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=63,
        widget=mono(),
        help_text=gettext_lazy("What it is called here."),
    )
    field_order = ("name",)


def _text_of(upload: Any) -> str | None:  # noqa: ANN401 - as Django has it
    """Return what an uploaded file says, None if it is no text."""
    upload.seek(0)
    try:
        return str(upload.read().decode())
    except UnicodeDecodeError:
        return None


def _is_unchecked(connection: Connection) -> bool:
    return connection.insecure or connection.server.startswith("http://")


def _unchecked_words(connection: Connection) -> str:
    if connection.insecure:
        return _(
            "This kubeconfig turns off the check of the server's certificate (insecure-skip-tls-verify). "
            "Better put its authority into it (certificate-authority-data); or confirm that you want this."
        )
    return _("This kubeconfig's server is reached without TLS: credentials travel open. Confirm it.")
