"""The grammars of names, keys, ports and numbers, each with the sentence that explains a fault.

A checker takes one value and returns what is wrong with it: no sentence, one, or several.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Checker = Callable[[str], list[str]]

LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
SUBDOMAIN = rf"{LABEL}(\.{LABEL})*"
QUALIFIED = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
LABEL_VALUE = rf"({QUALIFIED})?"
PERCENT = r"[0-9]+%"
CONFIG_KEY = r"[-._a-zA-Z0-9]+"
ALPHANUMERIC_ENDS = "and must start and end with an alphanumeric character"
LIMIT = 63
SUBDOMAIN_LIMIT = 253
PORT_NAME_LIMIT = 15


def pattern_fault(sentence: str, pattern: str, *examples: str) -> str:
    """Return a sentence with its examples and the pattern that was used; the server has two spaces there."""
    shown = ",  or ".join(f"'{example}'" for example in examples)
    return f"{sentence} (e.g. {shown}, regex used for validation is '{pattern}')"


def too_long(limit: int, unit: str = "characters") -> str:
    """Return the sentence about a text that is too long; names count characters, labels bytes."""
    return f"must be no more than {limit} {unit}"


def outside(lowest: float, highest: float) -> str:
    """Return the sentence about a number that is out of its range."""
    return f"must be between {lowest} and {highest}, inclusive"


def _length(value: str, limit: int, unit: str = "characters") -> list[str]:
    return [too_long(limit, unit)] if len(value.encode()) > limit else []


def subdomain(value: str) -> list[str]:
    """Check a lowercase RFC 1123 subdomain: the name of most objects."""
    faults = _length(value, SUBDOMAIN_LIMIT)
    if not re.fullmatch(SUBDOMAIN, value):
        said = (
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
        )
        faults.append(pattern_fault(said + ALPHANUMERIC_ENDS, SUBDOMAIN, "example.com"))
    return faults


def label(value: str) -> list[str]:
    """Check a lowercase RFC 1123 label: the name of a container, a volume or a namespace."""
    faults = _length(value, LIMIT)
    if re.fullmatch(LABEL, value):
        return faults
    if re.fullmatch(SUBDOMAIN, value):
        return [*faults, "must not contain dots"]
    said = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    return [*faults, pattern_fault(said + ALPHANUMERIC_ENDS, LABEL, "my-name", "123-abc")]


def _qualified_name(name: str) -> list[str]:
    faults = ["name part must be non-empty"] if not name else []
    if len(name.encode()) > LIMIT:
        faults.append(f"name part {too_long(LIMIT, 'bytes')}")
    if not re.fullmatch(QUALIFIED, name):
        said = f"name part must consist of alphanumeric characters, '-', '_' or '.', {ALPHANUMERIC_ENDS}"
        faults.append(pattern_fault(said, QUALIFIED, "MyName", "my.name", "123-abc"))
    return faults


def qualified_name(value: str) -> list[str]:
    """Check a key of labels, taints or annotations: a name, perhaps after a DNS prefix and a slash."""
    prefix, slash, name = value.partition("/")
    if not slash:
        return _qualified_name(value)
    if "/" in name:
        said = (
            f"a valid label key must consist of alphanumeric characters, '-', '_' or '.', {ALPHANUMERIC_ENDS}"
        )
        shown = pattern_fault(said, QUALIFIED, "MyName", "my.name", "123-abc")
        return [f"{shown} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    if not prefix:
        return ["prefix part must be non-empty", *_qualified_name(name)]
    return [*(f"prefix part {fault}" for fault in subdomain(prefix)), *_qualified_name(name)]


def label_value(value: str) -> list[str]:
    """Check the value of a label or of a taint."""
    faults = _length(value, LIMIT, "bytes")
    if not re.fullmatch(LABEL_VALUE, value):
        said = (
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
            + ALPHANUMERIC_ENDS
        )
        faults.append(pattern_fault(said, LABEL_VALUE, "MyValue", "my_value", "12345"))
    return faults


def percent(value: str) -> list[str]:
    """Check a percentage such as ``10%``."""
    if re.fullmatch(PERCENT, value):
        return []
    said = "a valid percent string must be a numeric string followed by an ending '%'"
    return [pattern_fault(said, PERCENT, "1%", "93%")]


def config_key(value: str) -> list[str]:
    """Check a key of a ConfigMap or Secret."""
    faults = _length(value, SUBDOMAIN_LIMIT)
    if not re.fullmatch(CONFIG_KEY, value):
        said = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
        faults.append(pattern_fault(said, CONFIG_KEY, "key.name", "KEY_NAME", "key-name"))
    if value in {".", ".."}:
        faults.append(f"must not be '{value}'")
    elif value.startswith(".."):
        faults.append("must not start with '..'")
    return faults


def prefix_of(check: Checker) -> Checker:
    """Return the grammar of what begins a name: it may end with a dash, since something follows."""
    return lambda value: check(value[:-1] + "a" if value.endswith("-") else value)


def env_name(value: str) -> list[str]:
    """Check the name of an environment variable: printable ASCII but ``=``."""
    if value.isascii() and value.isprintable() and "=" not in value:
        return []
    return [
        "a valid environment variable name must consist only of printable ASCII characters other than '='"
    ]


def port_name(value: str) -> list[str]:
    """Check the name of a port (RFC 6335, lower case)."""
    faults = _length(value, PORT_NAME_LIMIT)
    if not re.fullmatch(r"[-a-z0-9]+", value):
        faults.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", value):
        faults.append("must contain at least one letter (a-z)")
    if "--" in value:
        faults.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        faults.append("must not begin or end with a hyphen")
    return faults


def port_number(value: int) -> list[str]:
    """Check a port's number."""
    return [] if 1 <= value <= 65535 else [outside(1, 65535)]  # noqa: PLR2004 - what sixteen bits hold


def path_segment(value: str) -> list[str]:
    """Check what may be a segment of a path, and is little else: the name of a role or of its binding."""
    if value in {".", ".."}:
        return [f"may not be '{value}'"]
    return [f"may not contain '{sign}'" for sign in "/%" if sign in value]


def wildcard_subdomain(value: str) -> list[str]:
    """Check a host whose first label stands for any: ``*.example.com``."""
    faults = _length(value, SUBDOMAIN_LIMIT)
    if not re.fullmatch(rf"\*\.{SUBDOMAIN}", value):
        said = (
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which "
            "must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric "
            "character"
        )
        faults.append(pattern_fault(said, rf"\*\.{SUBDOMAIN}", "*.example.com"))
    return faults
