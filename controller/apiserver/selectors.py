"""The selection that a call asks for: its kind and namespace, and the selectors in its query."""

from __future__ import annotations

from controller.apiserver.call import Call
from controller.engine.admission import grammar
from controller.engine.admission.field_errors import invalid
from controller.engine.errors import BadRequest
from controller.engine.matching import fields
from controller.engine.matching.labels import Requirement
from controller.engine.matching.selection import Selection
from controller.engine.matching.selectors import FieldTerm, field_terms, label_requirements


def selection_of(call: Call) -> Selection:
    """Return which objects a call is about. Raises BadRequest.

    A call about one object selects that one: this is how a single object is watched.
    """
    named = (FieldTerm("metadata.name", call.name),) if call.name else ()
    terms = fields.known(call.kind.name, call.group, field_terms(call.query.get("fieldSelector", "")))
    labels = label_requirements(call.query.get("labelSelector", ""))
    for requirement in labels:
        _check(requirement)
    return Selection(call.kind.name, call.namespace, labels, named + terms)


def _check(requirement: Requirement) -> None:
    """Refuse what can be no key or value of a label."""
    key = requirement.key
    places = [("<nil>", key, grammar.qualified_name(key))] + [
        (f"values[{index}][{key}]", value, grammar.label_value(value))
        for index, value in enumerate(requirement.values)
    ]
    for path, value, faults in places:
        if faults:
            raise BadRequest(f"unable to parse requirement: {invalid(path, value, '; '.join(faults))}")
