"""What clients of the Kubernetes API write: the requests that pages make too, done as a client wants them."""

from __future__ import annotations

from dataclasses import dataclass

from controller.engine.changes import Change, Verb
from controller.engine.edits.decide import Request
from controller.engine.edits.draft import Client
from controller.engine.objects import Manifest
from controller.services.edits import submit


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client is answered: the objects as they are stored, and what it is warned of.

    A dry run gives no new resourceVersion. ``created`` says whether the object was not there before,
    ``deleted`` whether it is gone.
    """

    objects: tuple[Manifest, ...]
    created: bool
    deleted: bool
    warnings: tuple[str, ...]

    @property
    def object(self) -> Manifest:
        """Return the one object."""
        (one,) = self.objects
        return one


def client_submit(*, cluster: int, actor: str, client: Client, request: Request) -> Answer:
    """Carry out a request of a client. Raises Refused, as the request says."""
    decision = submit(request, cluster=cluster, actor=actor, client=client)
    results = decision.results
    verbs = {result.verb for result in results if isinstance(result, Change)}
    objects = tuple(result.manifest for result in results)
    return Answer(objects, Verb.ADDED in verbs, Verb.DELETED in verbs, decision.warnings)
