"""What a verdict offers to do: each cure and fix as a form of one button, with how far it goes.

What is offered comes from ``controller/queries/explain.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine.daemonset.edits import PortEdit, RequestEdit
from controller.engine.matching.quantities import bytes_of, cpu_milli
from controller.queries.explain import Explanation, Reach
from controller.queries.fixes import Fix, FixKind
from dashboard.present.amounts import amount
from dashboard.present.cures import node_cure_words, set_cure_words
from dashboard.present.words import Word, as_sentence, counted

Fields = dict[str, str]
VERSIONS = {"seen", "node_seen", "count"}
"""Fields that say of what moment a cure is."""


@dataclass(frozen=True, slots=True)
class CureRow:
    """One thing to do. ``url`` and ``fields`` are its form; with a ``confirm`` it is asked for once more."""

    title: str
    sentence: str
    button: str
    url: str
    fields: Fields
    confirm: str = ""

    @property
    def key(self) -> str:
        """What tells it from others in its place: what it is about, whatever versions stand by now."""
        about = (value for name, value in self.fields.items() if name not in VERSIONS)
        return "/".join((self.url, *about))


def cure_rows(cluster: str, found: Explanation) -> list[CureRow]:
    """Return what would let a pod of a set run on a node, the smallest edit of each side."""
    seen = {
        "set": f"{found.namespace}/{found.name}",
        "node": found.node,
        "seen": found.version,
        "node_seen": found.node_version,
    }
    url, rows = reverse("cure", args=[cluster]), list[CureRow]()
    if found.node_cure:
        words = node_cure_words(found.node_cure)
        title = _("Of %(node)s:") % {"node": found.node}
        rows.append(CureRow(title, words, _("Apply to the node"), url, {**seen, "side": "node"}))
        if others := len(found.shared):
            rows.append(_for_all(others + 1, url, seen))
    if found.set_cure and found.set_reach:
        words = f"{set_cure_words(found.set_cure)} {reach_words(found.set_reach)}"
        goes_far = found.set_reach.replaced + found.set_reach.gained > 1
        confirm = reach_words(found.set_reach) if goes_far else ""
        form = {**seen, "side": "set"}
        rows.append(CureRow(_("Of the set:"), words, _("Apply to the set"), url, form, confirm))
    return [*rows, *(_fix_row(cluster, found, one, seen) for one in found.fixes)]


def _for_all(count: int, url: str, seen: Fields) -> CureRow:
    sentence = counted(
        "The same on every node with this cause: %(n)s node.",
        "The same on every node with this cause: %(n)s nodes.",
        count,
    )
    button = counted("Apply to %(n)s node", "Apply to all %(n)s nodes", count)
    form = {**seen, "side": "nodes", "count": str(count)}
    return CureRow(_("Of all such nodes:"), sentence, button, url, form, sentence)


def reach_words(reach: Reach) -> str:
    """Return how far an edit of a template goes."""
    gained = counted("%(n)s node gets a pod", "%(n)s nodes get a pod", reach.gained)
    replaced = counted("%(n)s pod is replaced", "%(n)s pods are replaced", reach.replaced)
    if not reach.gained:
        return as_sentence(replaced)
    return _("%(gained)s, %(replaced)s.") % {"gained": gained, "replaced": replaced}


PLAIN: dict[FixKind, tuple[Word, Word, Word]] = {
    FixKind.POWER_UP: (
        gettext_lazy("Of %(node)s:"),
        gettext_lazy("Power %(node)s up."),
        gettext_lazy("Power up"),
    ),
    FixKind.RESUME_TIME: (
        "",
        gettext_lazy("Time is paused in this cluster: nothing follows until it is resumed or stepped."),
        gettext_lazy("Resume time in the cluster"),
    ),
    FixKind.ROLL_BACK: (
        gettext_lazy("Of the set:"),
        gettext_lazy("Go back to the template before."),
        gettext_lazy("Roll back to revision %(revision)s"),
    ),
    FixKind.CREATE_ACCOUNT: (
        "",
        gettext_lazy("Create the ServiceAccount %(name)s in %(namespace)s."),
        gettext_lazy("Create it"),
    ),
    FixKind.NO_FAULT: (
        gettext_lazy("Of the pod:"),
        gettext_lazy("Take back the fault that was injected into this pod."),
        gettext_lazy("Behave normally"),
    ),
    FixKind.NO_SURGE: (
        gettext_lazy("Of the set:"),
        gettext_lazy("Replace pods one after the other instead: maxSurge 0, maxUnavailable 1."),
        gettext_lazy("Do not surge"),
    ),
}
"""Of each fix that is no edit of the template: whose it is, what it does, its button."""


def _fix_row(cluster: str, found: Explanation, fix: Fix, seen: Fields) -> CureRow:
    cure = reverse("cure", args=[cluster])
    form = {**seen, "side": str(fix.kind)}
    if fix.edit:
        words, fields = _edit(fix.edit)
        wide = reach_words(Reach(found.pods_of_set, 0))
        confirm = wide if found.pods_of_set > 1 else ""
        button = _("Apply to the set")
        return CureRow(_("Of the set:"), f"{words} {wide}", button, cure, {**form, **fields}, confirm)
    facts = {
        "node": found.node,
        "namespace": found.namespace,
        "name": fix.name,
        "revision": fix.revision,
    }
    title, words, button = (str(word) % facts for word in PLAIN[fix.kind])
    url, fields = _address(cluster, found, fix)
    return CureRow(title, words, button, url or cure, fields or {**form, "name": fix.name})


def _address(cluster: str, found: Explanation, fix: Fix) -> tuple[str, Fields]:
    """Return where a fix is done that a page of its own does, and by which fields; "" for a cure."""
    match fix.kind:
        case FixKind.POWER_UP:
            return reverse("node_state", args=[cluster, found.node]), {"action": "up"}
        case FixKind.RESUME_TIME:
            return reverse("clock", args=[cluster]), {"action": "resume"}
        case FixKind.ROLL_BACK:
            url = reverse("daemonset_act", args=[cluster, found.namespace, found.name])
            return url, {"action": "rollback", "revision": str(fix.revision), "seen": found.version}
        case _:
            return "", {}


def _edit(edit: RequestEdit | PortEdit) -> tuple[str, Fields]:
    """Return an edit of what pods ask of their machine in words, and as fields."""
    if isinstance(edit, PortEdit):
        words = _("Take port %(after)s of the machines, which no pod asks for, instead of %(before)s.")
        facts = {"before": str(edit.before), "after": str(edit.after)}
        return words % facts, facts
    read = cpu_milli if edit.resource == "cpu" else bytes_of
    words = _("Let container %(container)s request %(amount)s %(resource)s only.")
    fields = {"container": edit.container, "resource": edit.resource, "amount": edit.amount}
    return words % {**fields, "amount": amount(edit.resource, read(edit.amount))}, fields
