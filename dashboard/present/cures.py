"""The words of a cure: the smallest edit of a node or of a set, as one sentence.

The engine gives the edit (``controller/engine/daemonset/edits.py``).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from controller.engine.daemonset.edits import NodeEdit, SetEdit, TermEdit, Widening
from dashboard.present.checks import all_of, toleration_words
from dashboard.present.words import as_sentence

CONDITION_TAINTS = "node.kubernetes.io/"
"""The prefix of the taints that the node controller puts and takes by a machine's conditions."""


def node_cure_words(edit: NodeEdit) -> str:
    """Return the edit of a node in words, with a warning if the machine's condition would undo it."""
    message = _sentence(
        [
            _labels_set([f"{key}={value}" for key, value in edit.labels]),
            _labels_removed(edit.unlabel),
            _taints_removed([str(taint) for taint in edit.untaint]),
        ]
    )
    if any(taint.key.startswith(CONDITION_TAINTS) for taint in edit.untaint):
        warning = _("A %(prefix)s taint stays away only if the condition that it stands for is over.")
        message += " " + warning % {"prefix": CONDITION_TAINTS}
    return message


def set_cure_words(edit: SetEdit) -> str:
    """Return the edit of a set in words."""
    return _sentence(
        [
            _("drop nodeName") if edit.drop_node_name else "",
            _selector_dropped(edit.drop_selector),
            _term_widened(edit.affinity) if edit.affinity else "",
            _tolerations_added([toleration_words(one) for one in edit.tolerations]),
        ]
    )


def _sentence(parts: Iterable[str]) -> str:
    return as_sentence(all_of([part for part in parts if part]))


def _labels_set(pairs: list[str]) -> str:
    message = ngettext("set the label %(labels)s", "set the labels %(labels)s", len(pairs))
    return message % {"labels": all_of(pairs)} if pairs else ""


def _labels_removed(keys: tuple[str, ...]) -> str:
    message = ngettext("remove the label %(labels)s", "remove the labels %(labels)s", len(keys))
    return message % {"labels": all_of(keys)} if keys else ""


def _taints_removed(taints: list[str]) -> str:
    message = ngettext("remove the taint %(taints)s", "remove the taints %(taints)s", len(taints))
    return message % {"taints": all_of(taints)} if taints else ""


def _selector_dropped(keys: tuple[str, ...]) -> str:
    return _("drop %(keys)s from the node selector") % {"keys": all_of(keys)} if keys else ""


def _term_widened(edit: TermEdit) -> str:
    words = {
        Widening.ALLOW_VALUE: _("let the node affinity's %(key)s also be %(value)s"),
        Widening.ALLOW_EXCLUDED: _("stop excluding %(key)s=%(value)s in the node affinity"),
        Widening.LOWER_BOUND: _("lower the node affinity's bound of %(key)s to %(value)s"),
        Widening.RAISE_BOUND: _("raise the node affinity's bound of %(key)s to %(value)s"),
        Widening.NAME_NODE: _("add a node affinity term that names %(value)s"),
    }
    return words[edit.widening] % {"key": edit.key, "value": edit.value}


def _tolerations_added(tolerations: list[str]) -> str:
    message = ngettext(
        "add the toleration %(tolerations)s", "add the tolerations %(tolerations)s", len(tolerations)
    )
    return message % {"tolerations": all_of(tolerations)} if tolerations else ""
