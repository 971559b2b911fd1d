"""What people type: read it, say what is wrong with its form, keep it. The services judge its meaning."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from controller.engine.objects import Node, Taint

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
LONGEST_AGE = 1_000_000
"""Hours: more than a century."""


def whole_number(text: str) -> int | None:
    """Return a number that somebody typed or that stands in an address; None if it is none, or immense."""
    return int(text) if NUMBER.fullmatch(text) else None


def words_of(text: str) -> list[str]:
    """Return the entries of a list that is divided by commas, spaces or lines."""
    return [word for word in re.split(r"[\s,]+", text) if word]


def labels_of(text: str) -> dict[str, str]:
    """Read labels written ``key=value``. Raises ValidationError naming each that is not."""
    labels, wrong = {}, []
    for word in words_of(text):
        key, equals, value = word.partition("=")
        if not equals or not key:
            wrong.append(_("%(word)s: write a label as key=value") % {"word": word})
        labels[key] = value
    if wrong:
        raise forms.ValidationError(wrong)
    return labels


def taints_of(text: str) -> list[Taint]:
    """Read taints written as kubectl writes them. Raises ValidationError naming each that is not."""
    taints, wrong = [], []
    for word in words_of(text):
        rest, colon, effect = word.rpartition(":")
        key, _equals, value = rest.partition("=")
        if not colon or not key or effect not in EFFECTS:
            message = _("%(word)s: write a taint as key=value:effect, the effect one of %(effects)s")
            wrong.append(message % {"word": word, "effects": ", ".join(EFFECTS)})
        taints.append(Taint(key, value, effect))
    if wrong:
        raise forms.ValidationError(wrong)
    return taints


def labels_text(labels: dict[str, str]) -> str:
    """Return labels as they are typed, one a line."""
    return "\n".join(f"{key}={value}" for key, value in sorted(labels.items()))


def taints_text(taints: Iterable[Taint]) -> str:
    """Return taints as they are typed, one a line."""
    return "\n".join(str(taint) for taint in taints)


class LabelsField(forms.CharField):
    """A field of labels; its value is a dictionary."""

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - as Django has it
        """Read the labels."""
        return labels_of(super().clean(value))


class TaintsField(forms.CharField):
    """A field of taints; its value is a list of them."""

    def clean(self, value: Any) -> Any:  # noqa: ANN401 - as Django has it
        """Read the taints."""
        return taints_of(super().clean(value))


def mono(rows: int = 0, **attributes: str | int) -> forms.Widget:
    """Return a field, or with ``rows`` an area, for what is typed to the letter."""
    plain = {"class": "mono", "autocomplete": "off", "spellcheck": "false", **attributes}
    return forms.Textarea({**plain, "rows": rows}) if rows else forms.TextInput(plain)


def _seconds(label: Any, initial: float, help_text: Any = "") -> forms.FloatField:  # noqa: ANN401 - lazy words
    return forms.FloatField(label=label, initial=initial, min_value=0, max_value=86_400, help_text=help_text)


class DelaysForm(forms.Form):
    """How fast the simulated machines of a cluster are."""

    start_delay = _seconds(gettext_lazy("Start delay (s)"), 1.0, gettext_lazy("From bound to running."))
    stop_delay = _seconds(gettext_lazy("Stop delay (s)"), 1.0, gettext_lazy("From deleted to gone."))
    node_grace = _seconds(
        gettext_lazy("Node grace (s)"),
        40.0,
        gettext_lazy("Silence after which a node counts as unreachable."),
    )


KUBELET_EVENTS = {
    "auto": gettext_lazy("in clusters of up to 500 nodes"),
    "on": gettext_lazy("always"),
    "off": gettext_lazy("only of trouble"),
}
"""When kubelets tell of all that they do."""


class MachinesForm(DelaysForm):
    """How the simulated machines of a cluster are."""

    kubelet_events = forms.ChoiceField(
        label=gettext_lazy("Kubelet events"),
        choices=list(KUBELET_EVENTS.items()),
        help_text=gettext_lazy("Pulled, Created, Started, Killing and the like."),
    )


class NameForm(forms.Form):
    """The name of a cluster."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=63, widget=mono())


class ViewNameForm(forms.Form):
    """The name of a saved view."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, widget=forms.TextInput({"autocomplete": "off"})
    )


class SaveViewForm(ViewNameForm):
    """What the map shows, to be kept under a name; ``query`` is that of its address."""

    query = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
    shared = forms.BooleanField(label=gettext_lazy("For all who see the cluster"), required=False)
    replace = forms.BooleanField(label=gettext_lazy("Replace the one of that name"), required=False)


class _SeveralFiles(forms.FileInput):
    """The control of a browser that takes several files."""

    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """One file or several: a list of uploads."""

    widget = _SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:  # noqa: ANN401 - as Django has it
        """Return all files. Raises ValidationError if one is none, or there is none."""
        return [super(_FilesField, self).clean(one, initial) for one in data or [None]]


class ImportForm(NameForm):
    """The files that a cluster was written to, and the name of the cluster that is made of them."""

    file = _FilesField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("An export of Everynode, or a dump of a real cluster in one file or several."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as Django has it
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False
        self.fields["name"].help_text = _("Without one: that of the cluster in an export, or of the file.")
        self.order_fields(["file", "name"])

    @property
    def wanted(self) -> str:
        """Return the name for the cluster of a dump, which names none: what is typed, or that of the file."""
        typed: str = self.cleaned_data["name"]
        stem = self.cleaned_data["file"][0].name.lower().partition(".")[0]
        return typed or re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:63].rstrip("-") or "dump"


NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)


class MomentsForm(forms.Form):
    """Two moments that are compared: numbers of changes, times (ISO 8601), or nothing for now."""

    before = forms.CharField(label=gettext_lazy("Between"), required=False, widget=mono())
    after = forms.CharField(
        label=pgettext_lazy("between two moments", "and"),
        required=False,
        widget=mono(),
        help_text=gettext_lazy("Numbers of changes, or times (UTC); empty is now."),
    )

    def clean_before(self) -> int | datetime | None:
        """Return the first moment."""
        return _moment(self.cleaned_data["before"])

    def clean_after(self) -> int | datetime | None:
        """Return the second moment."""
        return _moment(self.cleaned_data["after"])


def _moment(text: str) -> int | datetime | None:
    plain = text.replace(",", "").strip()
    if not plain or NUMBER.fullmatch(plain):
        return int(plain) if plain else None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = _("%(text)s is neither the number of a change nor a time like 2026-01-31 13:45.")
        raise forms.ValidationError(message % {"text": text}) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class DeletionForm(NameForm):
    """The name of the cluster that is to go, typed."""

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:  # noqa: ANN401 - as Django has it
        super().__init__(*args, **kwargs)
        self.wanted = name
        self.fields["name"].label = _("Type %(name)s to delete it with all its history") % {"name": name}

    def clean_name(self) -> str:
        """Refuse any other name."""
        typed = str(self.cleaned_data["name"])
        if typed != self.wanted:
            raise forms.ValidationError(_("That is not the name of this cluster. Nothing was deleted."))
        return typed


class TrimForm(forms.Form):
    """How much of a cluster's history stays: its last changes, or its last hours."""

    UNITS = (("changes", gettext_lazy("changes")), ("hours", gettext_lazy("hours")))

    keep = forms.IntegerField(
        label=gettext_lazy("Keep the last"), initial=10_000, min_value=1, max_value=100_000_000
    )
    unit = forms.ChoiceField(label=gettext_lazy("of these"), choices=UNITS)

    def horizon(self) -> dict[str, Any]:
        """Return what the service is asked: ``keep`` changes, or what happened ``since`` a moment."""
        keep = self.cleaned_data["keep"]
        if self.cleaned_data["unit"] == "changes":
            return {"keep": keep}
        return {"since": datetime.now(UTC) - timedelta(hours=min(keep, LONGEST_AGE))}


class ClusterForm(DelaysForm):
    """A new cluster."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=63, widget=mono())
    nodes = forms.IntegerField(label=gettext_lazy("Nodes"), initial=12, min_value=0, max_value=10_000)
    labels = LabelsField(
        label=gettext_lazy("Labels of all nodes"),
        required=False,
        widget=mono(placeholder="disk=ssd"),
        help_text=gettext_lazy("key=value, separated by commas"),
    )
    demo = forms.BooleanField(
        label=gettext_lazy("Demo"),
        required=False,
        help_text=gettext_lazy("12 nodes in 3 zones and three DaemonSets instead."),
    )
    field_order = ("name", "nodes", "labels", "demo")


class NodesForm(forms.Form):
    """Nodes to add: one by its name, or many by a prefix."""

    name = forms.CharField(
        label=gettext_lazy("Name, or prefix of many"), max_length=240, initial="node-", widget=mono()
    )
    count = forms.IntegerField(label=gettext_lazy("How many"), initial=1, min_value=1, max_value=5000)
    labels = LabelsField(
        label=gettext_lazy("Labels"),
        required=False,
        widget=mono(placeholder="disk=ssd, pool=web"),
        help_text=gettext_lazy("key=value, separated by commas"),
    )
    taints = TaintsField(
        label=gettext_lazy("Taints"),
        required=False,
        widget=mono(placeholder="dedicated=gpu:NoSchedule"),
        help_text=gettext_lazy("key=value:effect, separated by commas"),
    )

    def names(self, standing: Iterable[str]) -> list[str]:
        """Return the names of the nodes to add: many are numbered on from those that stand."""
        name, count = self.cleaned_data["name"], self.cleaned_data["count"]
        if count == 1 and not name.endswith("-"):
            return [name]
        ends = (one.removeprefix(name) for one in standing if one.startswith(name))
        numbered = [end for end in ends if end.isdecimal()]
        first = max((int(end) for end in numbered), default=0) + 1
        width = max([len(str(first + count - 1)), *(len(end) for end in numbered)])
        return [f"{name}{number:0{width}}" for number in range(first, first + count)]


class DrainForm(forms.Form):
    """How nodes are drained: the flags of ``kubectl drain``."""

    local_data = forms.BooleanField(
        label=gettext_lazy("Evict pods with data in an emptyDir, which is lost"), required=False
    )
    unmanaged = forms.BooleanField(
        label=gettext_lazy("Evict pods without a controller, which nobody makes anew"), required=False
    )
    grace = forms.IntegerField(
        label=gettext_lazy("Grace period (s)"),
        required=False,
        min_value=0,
        max_value=86_400,
        help_text=gettext_lazy("Empty: each pod's own."),
        widget=forms.NumberInput({"size": 6}),
    )


class StaleForm(forms.Form):
    """A form that knows which version it was made from, and what stands now if that is another."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    standing: str | None = None

    def restart(self, standing: str, version: str) -> None:
        """Show what stands now beside what was typed; the next attempt replaces it."""
        self.standing = standing
        retype(self, seen=version)


def retype(form: forms.Form, **values: str) -> None:
    """Show other values in the fields of a form than those that were typed."""
    fresh = {form.add_prefix(field): value for field, value in values.items()}
    form.data = {**{key: form.data.get(key) for key in form.data}, **fresh}


class NodeForm(StaleForm):
    """All labels, or all taints, of a node as text."""

    def given(self, field: str) -> Any:  # noqa: ANN401 - whatever the field holds
        """Return what was typed, as the field understands it."""
        return self.cleaned_data[field]

    def text_of(self, node: Node) -> str:
        """Return what stands on the node, as it would be typed."""
        raise NotImplementedError


class LabelsForm(NodeForm):
    """All labels of a node."""

    text = LabelsField(
        label=gettext_lazy("One a line, as key=value"), required=False, widget=mono(5), strip=False
    )

    def text_of(self, node: Node) -> str:
        """Return the node's labels."""
        return labels_text(node.labels)


class TaintsForm(NodeForm):
    """All taints of a node."""

    text = TaintsField(
        label=gettext_lazy("One a line, as key=value:effect"), required=False, widget=mono(3), strip=False
    )

    def text_of(self, node: Node) -> str:
        """Return the node's taints."""
        return taints_text(node.taints)


def number_or_percentage(text: str) -> int | str:
    """Return ``25%`` as it is and ``3`` as a number; anything else is left for the rules to refuse."""
    number = whole_number(text)
    return text if number is None else number
