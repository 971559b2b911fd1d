"""Django admin over clusters: everything can be looked at, and the labels of nodes can be edited.

The edit goes through the service that the pages use, so it is numbered, logged and checked like any.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller import models
from controller.engine.errors import Refused
from controller.services import nodes

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # known to the types alone

    AnyAdmin = admin.ModelAdmin[Any]
else:  # Django's own class takes no parameter
    AnyAdmin = admin.ModelAdmin

if TYPE_CHECKING:
    Page = admin.ModelAdmin[Any]
    Form = forms.ModelForm[models.Node]
else:
    Page, Form = admin.ModelAdmin, forms.ModelForm


def read_labels(text: str) -> dict[str, str]:
    """Return the labels that ``key=value`` lines write. Raises ValidationError naming the wrong line."""
    labels: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        key, equals, value = line.partition("=")
        if not equals:
            raise ValidationError(_("“%(line)s” is not key=value.") % {"line": line})
        labels[key.strip()] = value.strip()
    return labels


def write_labels(labels: dict[str, str]) -> str:
    """Return labels as ``key=value`` lines."""
    return "\n".join(f"{key}={value}" for key, value in sorted(labels.items()))


def column(field: str, title: _StrPromise, *, boolean: bool = False) -> Callable[[Model], Any]:
    """Return a column of a list under a title in the page's language: names of fields are English."""

    @admin.display(description=title, ordering=field, boolean=boolean)
    def show(row: Model) -> Any:  # noqa: ANN401 - whatever the field holds
        return getattr(row, f"get_{field}_display", lambda: getattr(row, field))()

    show.__name__ = field
    return show


def titled(kind: Any, title: _StrPromise) -> Any:  # noqa: ANN401 - one of Django's filters
    """Return a filter under a title in the page's language."""

    class Titled(kind):  # type: ignore[misc]  # a class that is an argument
        def __init__(self, *args: Any, **facts: Any) -> None:  # noqa: ANN401 - Django's signature
            super().__init__(*args, **facts)
            self.title = title

    return Titled


NAME, CLUSTER, WHO = gettext_lazy("name"), gettext_lazy("cluster"), gettext_lazy("who")
ONE_OF, VALUES = admin.RelatedFieldListFilter, admin.AllValuesFieldListFilter


class LookOnly(Page):
    """Rows that can be looked at by everybody who may enter, and not be edited here."""

    def has_view_permission(self, request: HttpRequest, _obj: Model | None = None) -> bool:
        """Let whoever may enter look."""
        return self.admin_site.has_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Let whoever may enter see the list."""
        return self.admin_site.has_permission(request)

    def has_add_permission(self, *_request: object) -> bool:
        """Refuse: clusters and what is in them are made by the services."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, *_request: object) -> bool:
        """Refuse."""
        return False


class NodeForm(Form):
    """The labels of a node, a line each, and the version they were read from.

    The service judges and writes in one step, so to validate is to write: what it refuses is said
    beside the field, and what was typed stays.
    """

    actor = ""

    labels = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 12, "cols": 60}),
        required=False,
        help_text=gettext_lazy("One key=value a line."),
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    class Meta:
        model = models.Node
        fields = ()

    def __init__(self, *args: Any, **facts: Any) -> None:  # noqa: ANN401 - a form's
        super().__init__(*args, **facts)
        meta = self.instance.manifest["metadata"]
        self.fields["labels"].initial = write_labels(meta.get("labels") or {})
        self.fields["seen"].initial = meta["resourceVersion"]

    def clean(self) -> dict[str, Any]:
        """Hand the labels to the one door for writes."""
        cleaned = super().clean() or {}
        try:
            if not self.errors:
                labels, seen = read_labels(cleaned["labels"]), cleaned["seen"]
                row = self.instance
                nodes.node_labels(
                    cluster=row.cluster_id, actor=self.actor, node=row.name, labels=labels, seen=seen
                )
        except Refused as refused:
            self.add_error("labels", refused.sentence)
        except ValidationError as error:
            self.add_error("labels", error)
        return cleaned


@admin.register(models.Node)
class NodeAdmin(LookOnly):
    """Nodes, with their labels as the one thing to edit."""

    form = NodeForm
    list_display = (
        column("name", NAME),
        column("cluster", CLUSTER),
        column("ready", gettext_lazy("ready")),
        "cordoned",
        column("version", gettext_lazy("last change")),
    )
    list_filter = (
        ("cluster", titled(ONE_OF, CLUSTER)),
        ("ready", titled(VALUES, gettext_lazy("ready"))),
        ("unschedulable", titled(admin.BooleanFieldListFilter, gettext_lazy("cordoned"))),
    )
    search_fields = ("name",)
    readonly_fields = ("cluster", "name", "uid", "version", "ready", "cordoned")
    fields = (*readonly_fields, "labels", "seen")

    @admin.display(description=gettext_lazy("cordoned"), ordering="unschedulable")
    def cordoned(self, row: models.Node) -> str:
        """Return whether a node is unschedulable, in a word: a red cross would call that wrong."""
        return str(_("yes") if row.unschedulable else _("no"))

    def has_change_permission(self, request: HttpRequest, _obj: Model | None = None) -> bool:
        """Let whoever may enter edit labels."""
        return self.admin_site.has_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave out what is written ahead of its cluster, or is left of one."""
        return super().get_queryset(request).filter(cluster__in=models.Cluster.objects.all())

    def get_form(self, request: HttpRequest, *which: Any, **facts: Any) -> Any:  # noqa: ANN401 - Django's signature
        """Return a form that knows who fills it in."""
        form: Any = super().get_form(request, *which, **facts)
        form.actor = request.user.get_username()
        return form

    def save_model(self, *_saved: object) -> None:
        """Do nothing: the form wrote already."""


@admin.register(models.Cluster)
class ClusterAdmin(LookOnly):
    """Clusters and their clocks."""

    list_display = (
        column("name", NAME),
        column("mode", gettext_lazy("mode")),
        column("number", gettext_lazy("last change")),
        column("planned", gettext_lazy("planned up to")),
        column("paused", gettext_lazy("paused"), boolean=True),
        column("speed", gettext_lazy("speed")),
        column("created", gettext_lazy("created")),
    )


@admin.register(models.Pass)
class PassAdmin(LookOnly):
    """What passes decided."""

    list_display = (
        column("at", gettext_lazy("when")),
        column("cluster_id", CLUSTER),
        column("first", gettext_lazy("first change")),
        column("last", gettext_lazy("last change")),
        column("creations", gettext_lazy("pods created")),
        column("deletions", gettext_lazy("pods deleted")),
    )
    list_filter = (("cluster_id", titled(ONE_OF, CLUSTER)),)
    ordering = ("-pk",)


@admin.register(models.AuditEntry)
class AuditEntryAdmin(LookOnly):
    """Who did what."""

    list_display = (
        column("at", gettext_lazy("when")),
        column("actor", WHO),
        column("cluster_name", CLUSTER),
        column("action", gettext_lazy("action")),
        column("about", gettext_lazy("about")),
        column("number", gettext_lazy("change")),
    )
    list_filter = (
        ("actor", titled(VALUES, WHO)),
        ("cluster_name", titled(VALUES, CLUSTER)),
        ("action", titled(VALUES, gettext_lazy("action"))),
    )
    ordering = ("-pk",)
