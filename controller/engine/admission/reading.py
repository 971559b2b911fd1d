"""How what a client sent is read once: types are judged, unknown fields taken as the client asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from controller.engine.admission.shape import cannot_handle, read, wrong_types
from controller.engine.errors import BadRequest
from controller.engine.objects import Manifest


class FieldValidation(StrEnum):
    """What becomes of fields that a kind does not have: dropped, dropped with a warning, refused."""

    IGNORE = "Ignore"
    WARN = "Warn"
    STRICT = "Strict"


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads objects of one request, and keeps its warnings."""

    validation: FieldValidation = FieldValidation.IGNORE
    warnings: list[str] = field(default_factory=list)

    def read(self, kind: str, raw: object) -> Manifest:
        """Return an object without its unknown fields. Raises BadRequest, which lists every wrong type."""
        reading = read(kind, raw)
        if reading.wrong:
            raise wrong_types(kind, reading, MOST_TOLD)
        unknown = [f'unknown field "{path}"' for path in reading.unknown if path not in PASSED_OVER]
        del unknown[MOST_TOLD:]
        if unknown and self.validation is FieldValidation.STRICT:
            raise BadRequest(cannot_handle(kind, f"strict decoding error: {', '.join(unknown)}"))
        if self.validation is FieldValidation.WARN:
            self.warnings.extend(one for one in unknown if one not in self.warnings)
        return reading.manifest


MOST_TOLD = 100
"""How many fields that are wrong or unknown are told, as in Kubernetes."""
PASSED_OVER = {"metadata.clusterName"}
"""A field of old that clients still send and nobody warns of."""
