"""Labels and selectors as kubectl shows them in a column: sorted, in the grammar of ``-l``."""

from __future__ import annotations

from collections.abc import Mapping

from controller.engine.objects import Manifest

NONE = "<none>"


def labels_words(labels: Mapping[str, str] | None) -> str:
    """Return ``key=value,...``."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or NONE


def selector_words(selector: Manifest | None) -> str:
    """Return a ``LabelSelector`` in one line."""
    wanted = (selector or {}).get("matchLabels") or {}
    said = [(key, f"{key}={value}") for key, value in wanted.items()]
    expressions = (selector or {}).get("matchExpressions") or ()
    said += [(each["key"], _expression(each)) for each in expressions]
    return ",".join(words for _key, words in sorted(said, key=lambda pair: pair[0])) or NONE


def _expression(expression: Manifest) -> str:
    key, operator = expression["key"], expression["operator"]
    if operator in {"Exists", "DoesNotExist"}:
        return f"!{key}" if operator == "DoesNotExist" else str(key)
    listed = ",".join(sorted(expression.get("values") or ()))
    return f"{key} {operator.lower()} ({listed})"
