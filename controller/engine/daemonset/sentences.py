"""What the checks of a verdict say, in words that a person can act on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from controller.engine.matching.affinity import NAME_FIELD, Term
from controller.engine.matching.labels import Labels, Requirement, integer
from controller.engine.objects import Taint, Toleration


def listed(words: Sequence[str], joint: str = "and") -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    if len(words) < 2:  # noqa: PLR2004 -- a list of one has no joint
        return "".join(words)
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"


def node_name(wanted: str, name: str) -> str:
    """Say whether the node is the one that the template names."""
    if not wanted:
        return "The template names no node."
    if wanted == name:
        return f"The template names this node, {name}."
    return f"The template names the node {wanted}; this is {name}."


def node_selector(wanted: Sequence[tuple[str, str]], labels: Labels) -> str:
    """Say which labels of the node selector the node lacks or bears differently, or that it has all."""
    if not wanted:
        return "The template has no node selector."
    faults = [_label_fault(key, value, labels) for key, value in wanted if labels.get(key) != value]
    if faults:
        return " ".join(faults)
    pairs = [f"{key}={value}" for key, value in wanted]
    return f"The node has the label{'s' if len(pairs) > 1 else ''} {listed(pairs)}."


def _label_fault(key: str, value: str, labels: Labels) -> str:
    if key not in labels:
        return f"The node lacks the label {key}={value}."
    return f"Node selector wants {key}={value}, the node has {key}={labels[key]}."


def requirement(wanted: Requirement) -> str:
    """Return a requirement in a few words: ``zone in (a, b)``, ``cores > 8``, ``no gpu``."""
    values = ", ".join(wanted.values)
    words = {
        "In": f"{wanted.key} in ({values})",
        "NotIn": f"{wanted.key} not in ({values})",
        "Exists": wanted.key,
        "DoesNotExist": f"no {wanted.key}",
        "Gt": f"{wanted.key} > {values}",
        "Lt": f"{wanted.key} < {values}",
    }
    return words.get(wanted.operator, f"{wanted.key} {wanted.operator} ({values})")


def term(wanted: Term) -> str:
    """Return a term in a few words."""
    return " and ".join(requirement(one) for one in (*wanted.expressions, *wanted.fields)) or "nothing"


def terms(wanted: Iterable[Term]) -> str:
    """Return all terms in a few words."""
    return " or ".join(term(one) for one in wanted)


def node_affinity(wanted: tuple[Term, ...] | None, labels: Labels, name: str) -> str:
    """Say which term matches the node, or for every term what the node does not meet."""
    if wanted is None:
        return "The template requires no node affinity."
    matching = next((one for one in wanted if one.matches(labels, name)), None)
    if matching:
        return f"Node affinity matches: {term(matching)}."
    faults = ["; ".join(_term_faults(one, labels, name)) for one in wanted]
    if not faults:
        return "Node affinity has no terms, and so matches no node."
    if len(faults) == 1:
        return f"Node affinity does not match: {faults[0]}."
    numbered = (f"Term {number}: {fault}." for number, fault in enumerate(faults, start=1))
    return f"None of the {len(faults)} affinity terms matches. {' '.join(numbered)}"


def _term_faults(wanted: Term, labels: Labels, name: str) -> list[str]:
    if wanted.empty:
        return ["an empty term matches no node"]
    unmet = [one for one in wanted.expressions if not one.matches(labels)]
    named = [one for one in wanted.fields if one.key != NAME_FIELD or not one.matches({NAME_FIELD: name})]
    return [_fault(one, labels.get(one.key)) for one in unmet] + [_name_fault(one, name) for one in named]


def _fault(wanted: Requirement, value: str | None) -> str:
    has = f"the node lacks the label {wanted.key}" if value is None else f"the node has {wanted.key}={value}"
    if wanted.operator == "DoesNotExist":
        return f"{has}, which must be absent"
    if wanted.operator == "Exists":
        return has
    return f"{_demand(wanted)}, {has}{_no_number(wanted, value)}"


def _demand(wanted: Requirement) -> str:
    one = listed(wanted.values, "or")
    words = {
        "In": f"{wanted.key} must be {one}",
        "NotIn": f"{wanted.key} must not be {one}",
        "Gt": f"{wanted.key} must be a number above {one}",
        "Lt": f"{wanted.key} must be a number below {one}",
    }
    return words.get(wanted.operator, f"{wanted.operator} is no operator")


def _no_number(wanted: Requirement, value: str | None) -> str:
    compares = wanted.operator in {"Gt", "Lt"}
    return ", which is no integer" if compares and value is not None and integer(value) is None else ""


def _name_fault(wanted: Requirement, name: str) -> str:
    if wanted.key != NAME_FIELD:
        return f"the field {wanted.key} is not known"
    verb = "must not be" if wanted.operator == "NotIn" else "must be"
    return f"the node's name {verb} {listed(wanted.values, 'or')}, it is {name}"


def toleration(cover: Toleration) -> str:
    """Return a toleration in the form of a taint: ``gpu=yes:NoSchedule``, ``gpu``, ``everything``."""
    value = f"={cover.value}" if cover.operator == "Equal" and cover.value else ""
    effect = f":{cover.effect}" if cover.effect else ""
    return f"{cover.key or 'everything'}{value}{effect}"


def taint(mark: Taint, cover: Toleration | None) -> str:
    """Say whether the taint is tolerated and, if not, what becomes of a pod that is already there."""
    if cover is None:
        left = "must go" if mark.effect == "NoExecute" else "may stay"
        return f"Taint {mark} is not tolerated; a pod that is already there {left}."
    if cover.seconds is not None and mark.effect == "NoExecute":
        return f"Taint {mark} is tolerated for {cover.seconds:g} s; then the pod is evicted and made anew."
    return f"Taint {mark} is tolerated (toleration {toleration(cover)})."


def preference(mark: Taint) -> str:
    """Say that a PreferNoSchedule taint changes nothing."""
    return f"Taint {mark} is a preference only; it keeps no daemon pod away."
