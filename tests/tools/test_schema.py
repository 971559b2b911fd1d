"""The table of types is what is published, and what only Go says is read from its sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import schema
from tools.published import enumerations, structs

GO = """
// PullPolicy describes when to pull.
// +enum
type PullPolicy string

const (
	// PullAlways means that it is
	// always pulled.
	PullAlways PullPolicy = "Always"
	PullNever PullPolicy = "Never"
)

// Phase is no enumeration.
type Phase string

const Running Phase = "Running"

// Inner is embedded.
type Inner struct {
	Policy PullPolicy `json:"policy,omitempty" protobuf:"bytes,1"`
}

// Outer embeds.
type Outer struct {
	Inner `json:",inline"`
	Count int32 `json:"count,omitempty"`
}
"""


def test_values_are_read_with_what_is_said_of_them() -> None:
    """Only marked types count; a comment loses the constant's name, as in what servers publish."""
    values = {"Always": "means that it is always pulled.", "Never": ""}
    assert enumerations(GO) == {"PullPolicy": values}


def test_embedded_fields_belong_to_what_embeds_them() -> None:
    """As in JSON."""
    assert "policy" in structs(GO)["Outer"]
    assert "count" not in structs(GO)["Inner"]


def test_the_files_are_what_the_tool_writes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make check` notices a table that was edited by hand."""
    monkeypatch.setattr("sys.argv", ["schema", "--check"])
    assert schema.main() == 0
    monkeypatch.setattr(schema, "BASE", tmp_path)
    monkeypatch.setattr(schema, "TABLE", tmp_path / "edited.json")
    (tmp_path / "edited.json").write_text("{}")
    assert schema.main() == 1
    assert "edited.json is not what" in capsys.readouterr().out
