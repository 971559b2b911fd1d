"""What is wrong with a text, as a list beside it: each fault with the place that an editor marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from controller import manifests
from controller.engine.errors import Refused
from controller.manifests import Fault
from controller.queries.checks import Checked
from dashboard.present import refusals


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One fault. ``where`` is its place in words, "" if it is about the whole text; numbers are from 1."""

    message: str
    where: str = ""
    line: int = 0
    column: int = 0
    document: int = 0
    path: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


def fault_row(fault: Fault) -> FaultRow:
    """Return a fault with its place in words."""
    where = ""
    if fault.document:
        where = _("Document %(number)s, line %(line)s") % {"number": fault.document, "line": fault.line}
    elif fault.column and not fault.path:
        where = _("Line %(line)s, column %(column)s") % {"line": fault.line, "column": fault.column}
    elif fault.line:
        where = _("Line %(line)s") % {"line": fault.line}
    return FaultRow(fault.message, where, fault.line, fault.column, fault.document, fault.path)


def refusal_rows(text: str, refused: Refused) -> list[FaultRow]:
    """Return why a text was refused. Of what only Everynode refuses the words are the page's own."""
    if type(refused) in refusals.SENTENCES:
        return [FaultRow(refusals.sentence(refused))]
    return [fault_row(fault) for fault in manifests.faults_of(text, refused)]


def checked_rows(checked: Checked) -> list[FaultRow]:
    """Return what a check found."""
    other = [FaultRow(refusals.sentence(checked.refused))] if checked.refused else []
    return [*other, *map(fault_row, checked.faults)]


def plain_rows(sentences: Iterable[object]) -> list[FaultRow]:
    """Return faults that have no place in the text."""
    return [FaultRow(str(sentence)) for sentence in sentences]
