"""The words of a verdict's checks: what was wanted, what the node has, and what follows.

The engine gives the facts (``controller/engine/daemonset/placement.py``); a person acts on sentences.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from controller.engine.daemonset.placement import (
    Check,
    NodeAffinityCheck,
    NodeNameCheck,
    NodeSelectorCheck,
    TaintCheck,
    Unmet,
)
from controller.engine.matching.affinity import Term
from controller.engine.matching.labels import Requirement, integer
from controller.engine.objects import Toleration


def check_words(check: Check) -> str:
    """Return a check in words that a person can act on."""
    match check:
        case NodeNameCheck():
            return _node_name(check)
        case NodeSelectorCheck():
            return _node_selector(check)
        case NodeAffinityCheck():
            return _node_affinity(check)
        case TaintCheck():
            return _taint(check)


def all_of(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    return get_text_list(list(words), _("and"))


def one_of(words: Sequence[str]) -> str:
    """Return ``a``, ``a or b`` or ``a, b or c``."""
    return get_text_list(list(words), _("or"))


def _node_name(check: NodeNameCheck) -> str:
    if not check.wanted:
        return _("The template names no node.")
    if check.passed:
        return _("The template names this node, %(name)s.") % {"name": check.name}
    if not check.name:  # of several nodes together
        return _("The template names the node %(wanted)s.") % {"wanted": check.wanted}
    return _("The template names the node %(wanted)s; this is %(name)s.") % {
        "wanted": check.wanted,
        "name": check.name,
    }


def _node_selector(check: NodeSelectorCheck) -> str:
    if not check.wanted:
        return _("The template has no node selector.")
    if check.unmet:
        return " ".join(map(_unmet_label, check.unmet))
    pairs = [f"{key}={value}" for key, value in check.wanted]
    return ngettext(
        "The node has the label %(labels)s.", "The node has the labels %(labels)s.", len(pairs)
    ) % {"labels": all_of(pairs)}


def _unmet_label(unmet: Unmet) -> str:
    facts = {"key": unmet.wanted.key, "wanted": unmet.wanted.values[0], "value": unmet.value}
    if unmet.value is None:
        return _("The node lacks the label %(key)s=%(wanted)s.") % facts
    return _("Node selector wants %(key)s=%(wanted)s, the node has %(key)s=%(value)s.") % facts


def _node_affinity(check: NodeAffinityCheck) -> str:
    if check.terms is None:
        return _("The template requires no node affinity.")
    if check.matching:
        return _("Node affinity matches: %(term)s.") % {"term": _term(check.matching)}
    if not check.unmet:
        return _("Node affinity has no terms, and so matches no node.")
    faults = ["; ".join(map(_fault, unmet)) or _("an empty term matches no node") for unmet in check.unmet]
    if len(faults) == 1:
        return _("Node affinity does not match: %(why)s.") % {"why": faults[0]}
    numbered = [
        _("Term %(number)s: %(why)s.") % {"number": number, "why": fault}
        for number, fault in enumerate(faults, start=1)
    ]
    head = _("None of the %(n)s affinity terms matches.") % {"n": len(faults)}
    return " ".join([head, *numbered])


def _term(term: Term) -> str:
    """Return a term in a few words: ``zone in (a, b) and no gpu``."""
    return " ".join(
        f"{_('and')} {_requirement(one)}" if index else _requirement(one)
        for index, one in enumerate((*term.expressions, *term.fields))
    )


def _requirement(wanted: Requirement) -> str:
    facts = {"key": wanted.key, "values": ", ".join(wanted.values)}
    words = {
        "In": _("%(key)s in (%(values)s)"),
        "NotIn": _("%(key)s not in (%(values)s)"),
        "Exists": "%(key)s",
        "DoesNotExist": _("no %(key)s"),
        "Gt": "%(key)s > %(values)s",
        "Lt": "%(key)s < %(values)s",
    }
    return words[wanted.operator] % facts


def _fault(unmet: Unmet) -> str:
    wanted, value = unmet.wanted, unmet.value
    if unmet.is_field:
        return _field_fault(unmet)
    facts = {"key": wanted.key, "value": value}
    has = _("the node has %(key)s=%(value)s") if value is not None else _("the node lacks the label %(key)s")
    if wanted.operator == "DoesNotExist":
        return _("%(has)s, which must be absent") % {"has": has % facts}
    if wanted.operator == "Exists":
        return has % facts
    message = _("%(demand)s, %(has)s") % {"demand": _demand(wanted), "has": has % facts}
    compares = wanted.operator in {"Gt", "Lt"}
    if compares and value is not None and integer(value) is None:
        return _("%(fault)s, which is no integer") % {"fault": message}
    return message


def _demand(wanted: Requirement) -> str:
    words = {
        "In": _("%(key)s must be %(values)s"),
        "NotIn": _("%(key)s must not be %(values)s"),
        "Gt": _("%(key)s must be a number above %(values)s"),
        "Lt": _("%(key)s must be a number below %(values)s"),
    }
    message = words.get(wanted.operator, _("%(operator)s is no operator"))
    return message % {"key": wanted.key, "values": one_of(wanted.values), "operator": wanted.operator}


def _field_fault(unmet: Unmet) -> str:
    if unmet.value is None:
        return _("the field %(key)s is not known") % {"key": unmet.wanted.key}
    facts = {"names": one_of(unmet.wanted.values), "name": unmet.value}
    if not unmet.value:  # of several nodes together
        if unmet.wanted.operator == "NotIn":
            return _("the node's name must not be %(names)s") % facts
        return _("the node's name must be %(names)s") % facts
    if unmet.wanted.operator == "NotIn":
        return _("the node's name must not be %(names)s, it is %(name)s") % facts
    return _("the node's name must be %(names)s, it is %(name)s") % facts


def _taint(check: TaintCheck) -> str:
    taint, cover = check.taint, check.toleration
    facts = {"taint": taint}
    if taint.effect == "PreferNoSchedule":
        return _("Taint %(taint)s is a preference only; it keeps no daemon pod away.") % facts
    if cover is None and taint.effect == "NoExecute":
        return _("Taint %(taint)s is not tolerated; a pod that is already there must go.") % facts
    if cover is None:
        return _("Taint %(taint)s is not tolerated; a pod that is already there may keep running.") % facts
    if cover.seconds is not None and taint.effect == "NoExecute":
        message = _("Taint %(taint)s is tolerated for %(seconds)s s; then the pod is evicted and made anew.")
        return message % {**facts, "seconds": f"{cover.seconds:g}"}
    message = _("Taint %(taint)s is tolerated (toleration %(toleration)s).")
    return message % {**facts, "toleration": toleration_words(cover)}


def toleration_words(cover: Toleration) -> str:
    """Return a toleration in the form of a taint: ``gpu=yes:NoSchedule``, ``gpu``, ``everything``."""
    value = f"={cover.value}" if cover.operator == "Equal" and cover.value else ""
    effect = f":{cover.effect}" if cover.effect else ""
    return f"{cover.key or _('everything')}{value}{effect}"
