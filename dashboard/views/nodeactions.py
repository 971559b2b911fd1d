"""What buttons do to nodes, one or many: the service behind each word, and what is said of it then."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.forms import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.errors import BadRequest
from controller.services import nodes as services
from dashboard.forms import EFFECTS, DrainForm, taints_of
from dashboard.present.words import Word, grouped

Said = tuple[Word, Word]
"""What is said of one node, and of many."""

CORDONED: Said = (gettext_lazy("Cordoned %(name)s."), gettext_lazy("Cordoned %(n)s nodes."))
UNCORDONED: Said = (gettext_lazy("Uncordoned %(name)s."), gettext_lazy("Uncordoned %(n)s nodes."))
UP: Said = (gettext_lazy("Powered up %(name)s."), gettext_lazy("Powered up %(n)s nodes."))
DOWN: Said = (gettext_lazy("Powered down %(name)s."), gettext_lazy("Powered down %(n)s nodes."))
REMOVED: Said = (gettext_lazy("Removed %(name)s."), gettext_lazy("Removed %(n)s nodes."))
DRAINING: Said = (gettext_lazy("%(name)s is being drained."), gettext_lazy("%(n)s nodes are being drained."))
KEPT: Said = (
    gettext_lazy("No further pod of %(name)s is evicted. The node stays cordoned."),
    gettext_lazy("No further pod of %(n)s nodes is evicted. They stay cordoned."),
)


def act(cluster: int, actor: str, names: Sequence[str], given: QueryDict) -> str:
    """Carry out what a button of a form asks for, and return what was done. Raises Refused."""
    action = given.get("action", "")
    if action in WRITTEN:
        return WRITTEN[action](cluster, actor, names, given.get(FIELDS[action], "").strip())
    if action not in PLAIN:
        raise BadRequest(_("There is no such action."))
    does, (one, more) = PLAIN[action]
    does(cluster, actor, names, given)
    return str(one if len(names) == 1 else more) % {"n": grouped(len(names)), "name": names[0]}


Plain = Callable[[int, str, Sequence[str], QueryDict], None]


def _cordon(*, cordoned: bool) -> Plain:
    return lambda cluster, actor, names, _given: services.node_cordon(
        cluster=cluster, actor=actor, nodes=names, cordoned=cordoned
    )


def _power(*, up: bool) -> Plain:
    return lambda cluster, actor, names, _given: services.node_power(
        cluster=cluster, actor=actor, nodes=names, up=up
    )


def _remove(cluster: int, actor: str, names: Sequence[str], _given: QueryDict) -> None:
    services.nodes_remove(cluster=cluster, actor=actor, names=names)


def _drain(cluster: int, actor: str, names: Sequence[str], given: QueryDict) -> None:
    form = DrainForm(given)
    if not form.is_valid():
        raise BadRequest(" ".join(str(fault) for faults in form.errors.values() for fault in faults))
    services.node_drain(cluster=cluster, actor=actor, nodes=names, **form.cleaned_data)


def _stop_drain(cluster: int, actor: str, names: Sequence[str], _given: QueryDict) -> None:
    services.node_drain_stop(cluster=cluster, actor=actor, nodes=names)


PLAIN: dict[str, tuple[Plain, Said]] = {
    "cordon": (_cordon(cordoned=True), CORDONED),
    "uncordon": (_cordon(cordoned=False), UNCORDONED),
    "up": (_power(up=True), UP),
    "down": (_power(up=False), DOWN),
    "drain": (_drain, DRAINING),
    "undrain": (_stop_drain, KEPT),
    "remove": (_remove, REMOVED),
}


def set_label(cluster: int, actor: str, names: Sequence[str], text: str) -> str:
    """Set a label that is written key=value."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise BadRequest(_("Write the label as key=value."))
    services.node_label_patch(cluster=cluster, actor=actor, nodes=names, set={key: value}, remove=[])
    return _("Set the label %(label)s.") % {"label": text}


def remove_label(cluster: int, actor: str, names: Sequence[str], text: str) -> str:
    """Take a label off, by its key or as it is written."""
    key = text.partition("=")[0]
    if not key:
        raise BadRequest(_("Write the label as key=value."))
    services.node_label_patch(cluster=cluster, actor=actor, nodes=names, set={}, remove=[key])
    return _("Removed the label %(label)s.") % {"label": key}


def _set_taint(cluster: int, actor: str, names: Sequence[str], text: str) -> str:
    try:
        taints = taints_of(text)
    except ValidationError as error:
        raise BadRequest(" ".join(error.messages)) from error
    if not taints:
        raise BadRequest(_("Write the taint as key=value:effect."))
    services.node_taint_patch(cluster=cluster, actor=actor, nodes=names, set=taints, remove=[])
    return _("Set the taint %(taint)s.") % {"taint": ", ".join(map(str, taints))}


def _remove_taint(cluster: int, actor: str, names: Sequence[str], text: str) -> str:
    """Take taints off that are written key, key:effect or key=value:effect."""
    rest, _colon, effect = text.rpartition(":")
    if effect not in EFFECTS:
        rest, effect = text, ""
    key = rest.partition("=")[0].removesuffix("-")
    if not key or ":" in key:
        raise BadRequest(_("Write the taint to remove as key or key:effect."))
    services.node_taint_patch(cluster=cluster, actor=actor, nodes=names, set=[], remove=[(key, effect)])
    return _("Removed the taint %(taint)s.") % {"taint": f"{key}:{effect}" if effect else key}


Written = Callable[[int, str, Sequence[str], str], str]

WRITTEN: dict[str, Written] = {
    "label": set_label,
    "unlabel": remove_label,
    "taint": _set_taint,
    "untaint": _remove_taint,
}
FIELDS = {"label": "label", "unlabel": "label", "taint": "taint", "untaint": "taint"}
"""The field that each of them reads."""
