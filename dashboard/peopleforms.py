"""What is typed about people: who they are, what they are granted, the tokens of their programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.queries.people import GrantLine
from controller.services.tokens import DAYS, LONGEST
from dashboard.forms import mono, retype
from dashboard.liveforms import LiveForm, Sides
from dashboard.models import User


def choose(form: forms.Form, field: str, clusters: Iterable[str], every: str) -> None:
    """Let a field choose among clusters, or all of them."""
    box = form.fields[field]
    if isinstance(box, forms.ChoiceField):
        box.choices = [("", every), *((name, name) for name in clusters)]


class UserForm(forms.Form):
    """A new person, with a role on all clusters or none yet."""

    ROLES = (
        ("", gettext_lazy("on single clusters only")),
        ("viewer", gettext_lazy("viewer of all clusters")),
        ("operator", gettext_lazy("operator of all clusters")),
        ("admin", gettext_lazy("admin")),
    )

    username = forms.CharField(label=gettext_lazy("Name"), max_length=150, widget=mono())
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=ROLES, required=False)
    password = forms.CharField(
        label=gettext_lazy("Password"), widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def clean_password(self) -> str:
        """Refuse a weak one."""
        typed = str(self.cleaned_data["password"])
        validate_password(typed)
        return typed

    def clean_username(self) -> str:
        """Refuse a name that is taken or malformed."""
        name = str(self.cleaned_data["username"])
        User.username_validator(name)
        if User.objects.filter(username=name).exists():
            raise forms.ValidationError(_("That name is taken."))
        return name


class GrantForm(LiveForm):
    """A role on a cluster, or on all. ``seen`` are the roles that the page showed, by the clusters' names."""

    id = "grant"
    template_name = "dashboard/shared/forms/grant.html"
    ROLES = (
        ("viewer", gettext_lazy("viewer")),
        ("operator", gettext_lazy("operator")),
        ("", gettext_lazy("none")),
    )

    cluster = forms.ChoiceField(label=gettext_lazy("Cluster"), required=False)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=ROLES, required=False, initial="viewer")
    seen = forms.JSONField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - a form's
        clusters: Iterable[str],
        grants: Iterable[GrantLine],
        **facts: Any,  # noqa: ANN401 - a form's
    ) -> None:
        self.standing = {one.cluster: one.role.value for one in grants}
        super().__init__(*args, **facts, initial={"seen": self.standing})
        for field in self.fields.values():
            field.show_hidden_initial = False  # what it was made from are the grants, not its own fields
        choose(self, "cluster", clusters, _("all clusters"))

    @property
    def standing_text(self) -> str:
        """Return the roles that stand now, as a form of the page carries them."""
        return json.dumps(self.standing)

    def seen_role(self) -> str | None:
        """Return the role that the page showed on that cluster, "" for none; None if it did not say."""
        seen = self.cleaned_data["seen"]
        return str(seen.get(self.cleaned_data["cluster"], "")) if isinstance(seen, dict) else None

    def show_both(self) -> None:
        """Show what stands now beside what was chosen; the next attempt replaces it."""
        cluster, role = self.cleaned_data["cluster"], self.cleaned_data["role"]
        words = {key: str(word) for key, word in self.ROLES}
        now = words[self.standing.get(cluster, "")]
        self.stale = (Sides(cluster or _("all clusters"), now, words[role]),)
        retype(self, seen=self.standing_text)


class PersonDeletionForm(forms.Form):
    """The name of the person to delete, typed once more."""

    name = forms.CharField(widget=mono())

    def __init__(self, *args: Any, name: str, **facts: Any) -> None:  # noqa: ANN401 - a form's
        super().__init__(*args, **facts)
        self.wanted = name
        self.fields["name"].label = _("Type %(name)s to delete them with all their tokens") % {"name": name}

    def clean_name(self) -> str:
        """Refuse any other name."""
        if self.cleaned_data["name"] != self.wanted:
            raise forms.ValidationError(_("That is not their name. Nobody was deleted."))
        return self.wanted


class TokenForm(forms.Form):
    """A new token for programs: for how long, and how much it may do."""

    CHOICES = tuple((days, days) for days in (1, 7, 30, DAYS, LONGEST))

    days = forms.TypedChoiceField(
        label=gettext_lazy("Lasts (days)"), choices=CHOICES, coerce=int, initial=DAYS, required=False
    )
    reads_only = forms.BooleanField(label=gettext_lazy("Reads only, as a viewer"), required=False)

    def clean_days(self) -> int:
        """Take a token that says nothing for one that lasts as long as most."""
        return self.cleaned_data["days"] or DAYS


class AccountTokenForm(TokenForm):
    """A token that is shown once: for one cluster or for all that one may see."""

    cluster = forms.ChoiceField(label=gettext_lazy("Cluster"), required=False)
    note = forms.CharField(label=gettext_lazy("Made for"), max_length=100)
    field_order = ("note", "cluster", "days", "reads_only")

    def __init__(self, *args: Any, clusters: Iterable[str], **facts: Any) -> None:  # noqa: ANN401 - a form's
        super().__init__(*args, **facts)
        choose(self, "cluster", clusters, _("all that I may see"))
