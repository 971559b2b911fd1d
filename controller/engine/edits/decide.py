"""From a request to a decision. Nothing is touched: a service commits it, a what-if applies it."""

from __future__ import annotations

from typing import Protocol

from controller.engine.edits.draft import Context, Decision, Draft
from controller.engine.edits.reading import Objects


class Request(Protocol):
    """What somebody wants changed: a frozen value, one class for each use case."""

    def decide(self, draft: Draft) -> None:
        """Put the changes and the facts into the draft. Raises Refused: then nothing comes of it."""


def decide(objects: Objects, request: Request, context: Context) -> Decision:
    """Return what a request comes to for these objects, or raise Refused."""
    draft = Draft(objects, context)
    request.decide(draft)
    return draft.decision()
