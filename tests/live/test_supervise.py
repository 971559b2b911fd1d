"""What is logged of background work that fails."""

from __future__ import annotations

import logging

import pytest
from django.db import InterfaceError, OperationalError

from controller.live.supervise import report

log = logging.getLogger(__name__)


@pytest.mark.parametrize(
    ("error", "level", "as_a_defect"),
    [
        (OperationalError("connection refused"), "WARNING", False),
        (InterfaceError("the connection is closed"), "WARNING", False),
        (ValueError("a defect"), "ERROR", True),
    ],
)
def test_a_database_that_is_away_is_no_defect(
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    level: str,
    as_a_defect: bool,  # noqa: FBT001 - from the table
) -> None:
    """It comes back, and a line says what waits for it; anything else is logged with where it happened."""
    report(log, "Cluster 3 could not be read", error)
    (record,) = caplog.records
    assert record.levelname == level
    assert record.getMessage().startswith("Cluster 3 could not be read")
    assert bool(record.exc_info) == as_a_defect
