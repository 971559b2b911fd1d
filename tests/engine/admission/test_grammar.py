"""Names, keys, ports and percentages: what is right, and the sentence for what is not."""

from __future__ import annotations

import pytest

from controller.engine.admission import grammar

SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'"
LABEL = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'"
NAME_PART = "name part must consist of alphanumeric characters, '-', '_' or '.'"
LABEL_KEY = "a valid label key must consist of alphanumeric characters, '-', '_' or '.'"
ENV = "a valid environment variable name must consist only of printable ASCII characters other than '='"

RIGHT = [
    (grammar.subdomain, "a"),
    (grammar.subdomain, "node-1.example.com"),
    (grammar.subdomain, "a" * 253),
    (grammar.label, "kube-system"),
    (grammar.label, "a" * 63),
    (grammar.qualified_name, "disk"),
    (grammar.qualified_name, "node.kubernetes.io/not-ready"),
    (grammar.qualified_name, "My_Key.1"),
    (grammar.label_value, ""),
    (grammar.label_value, "ssd_2.0-b"),
    (grammar.percent, "0%"),
    (grammar.percent, "120%"),
    (grammar.config_key, "..a"[1:]),
    (grammar.config_key, "log.level"),
    (grammar.env_name, "1 two-three"),
    (grammar.port_name, "http-1"),
]
WRONG = [
    (grammar.subdomain, "", [SUBDOMAIN]),
    (grammar.subdomain, "a..b", [SUBDOMAIN]),
    (grammar.subdomain, "a\n", [SUBDOMAIN]),
    (grammar.subdomain, "a" * 254, ["must be no more than 253 characters"]),
    (grammar.label, "A", [LABEL]),
    (grammar.label, "a.b", ["must not contain dots"]),
    (grammar.label, "-" * 64, ["must be no more than 63 characters", LABEL]),
    (grammar.qualified_name, "", ["name part must be non-empty", NAME_PART]),
    (grammar.qualified_name, "-a", [NAME_PART]),
    (grammar.qualified_name, "a" * 64, ["name part must be no more than 63 bytes"]),
    (grammar.qualified_name, "/a", ["prefix part must be non-empty"]),
    (grammar.qualified_name, "A/a", [f"prefix part {SUBDOMAIN}"]),
    (grammar.qualified_name, "a/", ["name part must be non-empty", NAME_PART]),
    (grammar.qualified_name, "a/b/c", [LABEL_KEY]),
    (grammar.label_value, "a" * 64, ["must be no more than 63 bytes"]),
    (grammar.label_value, "a ", ["a valid label must be an empty string or consist of"]),
    (grammar.percent, "5", ["a valid percent string must be a numeric string followed by an ending '%'"]),
    (grammar.percent, "٣%", ["a valid percent string must be a numeric string followed by an ending '%'"]),
    (grammar.config_key, "a b", ["a valid config key must consist of"]),
    (grammar.config_key, "a" * 254, ["must be no more than 253 characters"]),
    (grammar.config_key, "..", ["must not be '..'"]),
    (grammar.config_key, "..a", ["must not start with '..'"]),
    (grammar.env_name, "a=b", [ENV]),
    (grammar.env_name, "é", [ENV]),
    (grammar.port_name, "", ["must contain only", "must contain at least one letter (a-z)"]),
    (grammar.port_name, "80", ["must contain at least one letter (a-z)"]),
    (grammar.port_name, "a--b", ["must not contain consecutive hyphens"]),
    (grammar.port_name, "a-", ["must not begin or end with a hyphen"]),
    (grammar.port_name, "a-very-long-name", ["must be no more than 15 characters"]),
]


@pytest.mark.parametrize(("check", "value"), RIGHT)
def test_a_value_in_its_grammar_has_no_faults(check: grammar.Checker, value: str) -> None:
    """What the server takes has no faults."""
    assert check(value) == []


@pytest.mark.parametrize(("check", "value", "beginnings"), WRONG)
def test_a_value_out_of_its_grammar_is_explained(
    check: grammar.Checker, value: str, beginnings: list[str]
) -> None:
    """Each fault of a value has its sentence, in the server's order."""
    faults = check(value)

    assert [fault.startswith(begin) for fault, begin in zip(faults, beginnings, strict=True)] == [True] * len(
        faults
    )


@pytest.mark.parametrize(
    ("number", "right"), [(0, False), (1, True), (65535, True), (65536, False), (-1, False)]
)
def test_ports_have_sixteen_bits_and_are_not_zero(number: int, *, right: bool) -> None:
    """A port is a number from 1 to 65535."""
    assert grammar.port_number(number) == ([] if right else ["must be between 1 and 65535, inclusive"])


def test_what_begins_a_name_may_end_with_a_dash() -> None:
    """A prefix is followed by something, so its dash does not end a name."""
    assert grammar.prefix_of(grammar.subdomain)("agent-") == []
    assert grammar.prefix_of(grammar.subdomain)("Agent-") != []
