"""What can be wrong with a request, as classes that carry facts.

Doors turn them into their own form: a sentence in a page's form, a ``Status`` for kubectl. The
sentences are for clients of the API: the server's own where ../tests/conformance holds its words. Of
what only Everynode refuses pages speak in words of their own (``dashboard/present/refusals.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cause:
    """One fault in an object. ``kind`` is Kubernetes' cause type, such as FieldValueInvalid."""

    field: str
    kind: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class Refused(Exception):
    """A request that cannot be carried out. Nothing was changed."""

    code = "BadRequest"
    index: int | None = None
    """Of a request about several objects: which of them this is about, from 0."""

    @property
    def sentence(self) -> str:
        """Return what was wrong, in words for a person."""
        return str(self)


class BadRequest(Refused):
    """The request cannot be read: malformed text, unknown fields, an unknown kind."""


class WrongTypes(BadRequest):
    """Values of an object are not what their fields hold.

    ``decoder`` is the API server's own sentence, which names only the first of them, ``converter`` what
    it says of that in a patched object.
    """

    def __init__(self, sentence: str, decoder: str, converter: str = "") -> None:
        super().__init__(sentence)
        self.decoder, self.converter = decoder, converter


class Several(BadRequest):
    """Several objects of one request were refused, each for its own reason: ``refusals``, a line each."""

    def __init__(self, refusals: Sequence[Refused]) -> None:
        super().__init__("\n".join(one.sentence for one in refusals))
        self.refusals = tuple(refusals)


class Unprocessable(Refused):
    """The request can be read and cannot be carried out on the object as it stands."""

    code = "Invalid"


class TooLarge(Refused):
    """The request is larger than is accepted."""

    code = "RequestEntityTooLarge"


class NotFound(Refused):
    """What the request names is not there."""

    code = "NotFound"

    def __init__(self, resource: str, name: str) -> None:
        super().__init__(f'{resource} "{name}" not found')
        self.resource, self.name = resource, name


class AlreadyExists(Refused):
    """The name is taken, perhaps only for a while: by an object that is ``leaving``."""

    code = "AlreadyExists"

    def __init__(self, resource: str, name: str, *, leaving: bool = False) -> None:
        before = "object is being deleted: " if leaving else ""
        super().__init__(f'{before}{resource} "{name}" already exists')
        self.resource, self.name = resource, name


Difference = tuple[str, Any, Any]
"""A path such as ``spec.minReadySeconds``, the value before and the value after; None for no value."""


class Conflict(Refused):
    """The object changed since it was read. ``standing`` is its manifest now.

    Where it is known what the reader saw, ``theirs`` are the fields that others changed since, and
    ``yours`` those that the refused edit would have changed.
    """

    code = "Conflict"

    def __init__(
        self,
        resource: str,
        name: str,
        standing: dict[str, object] | None = None,
        *,
        theirs: Sequence[Difference] = (),
        yours: Sequence[Difference] = (),
    ) -> None:
        super().__init__(
            f'Operation cannot be fulfilled on {resource} "{name}": the object has been modified; '
            "please apply your changes to the latest version and try again"
        )
        self.resource, self.name, self.standing = resource, name, standing
        self.theirs, self.yours = tuple(theirs), tuple(yours)


class NotAwaiting(Conflict):
    """A staged rollout of a DaemonSet does not wait for the promotion of a wave: not yet, or no more."""

    def __init__(self, key: tuple[str, str, str], wave: str) -> None:
        super().__init__("daemonsets.apps", key[2])
        self.key, self.wave = key, wave


class ApplyConflict(Refused):
    """A server-side apply would change what others own; one cause a field."""

    code = "Conflict"

    def __init__(self, causes: Sequence[Cause]) -> None:
        super().__init__(f"Apply failed with {_conflicts(causes)}")
        self.causes = tuple(causes)


def _conflicts(causes: Sequence[Cause]) -> str:
    if len(causes) == 1:
        return f"1 conflict: {causes[0].message}: {causes[0].field}"
    told = {
        cause.message: [each.field for each in causes if each.message == cause.message] for cause in causes
    }
    lines = []
    for message, fields in sorted(told.items()):
        lines.append(message.replace("conflict with", "conflicts with", 1) + ":")
        lines += [f"- {field}" for field in fields]
    return f"{len(causes)} conflicts: " + "\n".join(lines)


class NothingToCure(Refused):
    """What a cure was chosen for has come right by itself, or by somebody else."""

    code = "Conflict"

    def __init__(self) -> None:
        super().__init__("there is nothing to cure here any more")


class NoReadyNode(Refused):
    """Something needs a node that is ready, schedulable and without taints, and there is none."""

    code = "Conflict"

    def __init__(self) -> None:
        super().__init__("no node is ready, schedulable and without taints")


class NotRestorable(Refused):
    """What was deleted cannot be made anew: it was more than its manifest says."""

    code = "Conflict"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"{kind} {name} is gone and cannot be made anew")
        self.kind, self.name = kind, name


class NotPreviewed(Refused):
    """A preview was asked for of what cannot be tried out in memory."""

    code = "BadRequest"

    def __init__(self) -> None:
        super().__init__("what this would do cannot be previewed")


class NotOffered(Refused):
    """What was asked for is not to be had in a cluster of this mode; ``capability`` is what it lacks."""

    code = "MethodNotAllowed"

    def __init__(self, capability: str) -> None:
        super().__init__(f"this cluster is mirrored from a real one, which does not offer {capability!r}")
        self.capability = capability


class OwnServer(Refused):
    """A client asks us for the API of a real cluster, which has an API server of its own."""

    code = "MethodNotAllowed"

    def __init__(self, cluster: str) -> None:
        super().__init__(
            f"{cluster} is a real cluster: its API is not served here, use a kubeconfig of its own server"
        )


class Forbidden(Refused):
    """The request is understood and not allowed."""

    code = "Forbidden"


class AccessEnded(Forbidden):
    """The right to what was open has ended."""

    def __init__(self) -> None:
        super().__init__("your access to this cluster has ended")


class OwnRights(Forbidden):
    """Somebody would change their own rights or access, and could lock everybody out."""

    def __init__(self) -> None:
        super().__init__("your own rights and access are for another admin to change")


class LastAdmin(Forbidden):
    """Nobody would be left who may change people."""

    def __init__(self) -> None:
        super().__init__("this is the last admin who may log in")


class OtherObject(BadRequest):
    """A text that is to hold one object, ``wanted``, holds another, or ``count`` of them."""

    def __init__(self, wanted: str, count: int) -> None:
        super().__init__(f"the text must hold {wanted} and nothing else")
        self.wanted, self.count = wanted, count


class Busy(Refused):
    """Others write for so long that the request could not get its turn. It may be tried again."""

    code = "ServiceUnavailable"

    def __init__(self) -> None:
        super().__init__("the cluster is busy: nothing was changed, please try again")


class StorageFull(Refused):
    """The database has no room for what was asked."""

    code = "ServiceUnavailable"

    def __init__(self) -> None:
        super().__init__("the disk of the database is full: nothing was changed")


class DisruptionRefused(Refused):
    """A disruption budget holds a pod that was to be evicted. It may be tried again."""

    code = "TooManyRequests"

    def __init__(self, budget: str, needed: int, healthy: int) -> None:
        super().__init__("Cannot evict pod as it would violate the pod's disruption budget.")
        self.budget = budget
        said = f"The disruption budget {budget} needs {needed} healthy pods and has {healthy} currently"
        self.causes = (Cause("", "DisruptionBudget", said),)


class DrainRefused(Refused):
    """Nodes that were to be drained hold pods that nobody agreed to lose: ``namespace/name`` by why."""

    def __init__(self, unmanaged: Sequence[str], local_data: Sequence[str]) -> None:
        many = ", ".join(sorted({*unmanaged, *local_data}))
        super().__init__(f"cannot delete pods without a controller or with local data: {many}")
        self.unmanaged, self.local_data = tuple(unmanaged), tuple(local_data)


class ManyBudgets(Refused):
    """More than one disruption budget speaks of a pod that was to be evicted."""

    code = "InternalError"

    def __init__(self) -> None:
        super().__init__(
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
        )


class NotPaused(Refused):
    """A step was asked of a cluster whose clock somebody resumed meanwhile."""

    code = "Conflict"

    def __init__(self, name: str) -> None:
        super().__init__(f"the clock of {name} was resumed meanwhile: no step was made")
        self.name = name


class Unreachable(Refused):
    """Only a machine could answer, and it does not."""

    code = "ServiceUnavailable"


class Gone(Refused):
    """The moment asked for is older than the log that is kept."""

    code = "Expired"


class TooNew(Refused):
    """The moment asked for has not come yet: whoever asks knows another cluster of that name."""

    code = "Timeout"

    def __init__(self, asked: int, current: int) -> None:
        super().__init__(f"Too large resource version: {asked}, current: {current}")
        self.causes = (Cause("", "ResourceVersionTooLarge", "Too large resource version"),)


class Invalid(Refused):
    """The object breaks the rules of its kind. All faults are listed, in field order of discovery."""

    code = "Invalid"

    def __init__(self, kind: str, name: str, causes: Sequence[Cause]) -> None:
        said = [str(cause) for cause in causes]
        listed = said[0] if len(said) == 1 else "[" + ", ".join(said) + "]"
        super().__init__(f'{kind} "{name}" is invalid: {listed}')
        self.kind, self.name, self.causes = kind, name, tuple(causes)


class PageNotFound(Refused):
    """The path leads nowhere: it names no kind that is known."""

    code = "NotFound"

    def __init__(self) -> None:
        super().__init__("the server could not find the requested resource")


class Unauthorized(Refused):
    """Nobody known asks."""

    code = "Unauthorized"

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class MethodNotAllowed(Refused):
    """The verb does not go with what the path names; ``why`` is said if it is not plain from that."""

    code = "MethodNotAllowed"

    def __init__(self, why: str = "the server does not allow this method on the requested resource") -> None:
        super().__init__(why)


class NotAcceptable(Refused):
    """The client takes no form that can be answered with. ``offered`` are those there are."""

    code = "NotAcceptable"

    def __init__(self, offered: Sequence[str]) -> None:
        super().__init__("only the following media types are accepted: " + ", ".join(offered))


class UnsupportedMediaType(Refused):
    """The body comes in a form that is not read. ``read`` are those that are."""

    code = "UnsupportedMediaType"

    def __init__(self, read: Sequence[str]) -> None:
        super().__init__(
            "the body of the request was in an unknown format - accepted media types include: "
            + ", ".join(read)
        )
