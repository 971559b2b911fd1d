"""What is refused, in words: of what only Everynode refuses. What the API server says stays as it says it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.engine import errors
from controller.upstream import errors as upstream
from dashboard.present.audits import changes_in_words
from dashboard.present.words import Word, grouped

SENTENCES: dict[type[errors.Refused], Word] = {
    errors.AccessEnded: gettext_lazy("Your access to this cluster has ended."),
    errors.Busy: gettext_lazy("Others are writing just now: nothing was changed, please try again."),
    errors.Conflict: gettext_lazy(
        "Somebody else changed %(name)s since this page was made, so nothing was done. Look at it as it "
        "stands now, and do it again if you still want to."
    ),
    errors.DrainRefused: gettext_lazy("Nothing is drained."),
    errors.Gone: gettext_lazy("That moment is no longer kept: the history begins later."),
    errors.LastAdmin: gettext_lazy("This is the last admin who may log in: make another one first."),
    errors.NoReadyNode: gettext_lazy(
        "No node is ready, schedulable and without taints: nothing was set up. Add one, or wait until one is."
    ),
    errors.NotAwaiting: gettext_lazy(
        "The rollout of %(name)s does not wait for a promotion of %(wave)s: it is not there yet, or somebody "
        "promoted it already. Nothing was changed."
    ),
    errors.NotOffered: gettext_lazy(
        "This is a real cluster, shown as its own API server tells: what only a simulation can do is not "
        "offered here. Nothing was changed."
    ),
    errors.NotPaused: gettext_lazy("Time in %(name)s was resumed meanwhile, so no step was made."),
    errors.NotRestorable: gettext_lazy(
        "%(kind)s %(name)s was deleted and cannot be brought back; nothing was changed."
    ),
    errors.NotPreviewed: gettext_lazy("What this does cannot be previewed. Nothing was changed."),
    errors.NothingToCure: gettext_lazy("There is nothing to cure here any more."),
    errors.OtherObject: gettext_lazy(
        "The text must hold %(wanted)s and nothing else: kind, namespace and name cannot be changed. "
        "Objects in it: %(count)s."
    ),
    errors.OwnRights: gettext_lazy("Your own rights and access are for another admin to change."),
    errors.StorageFull: gettext_lazy("The disk of the database is full: nothing was changed."),
    upstream.PartlySent: gettext_lazy(
        "%(done)s of %(count)s changes were made, then the API server said: %(why)s"
    ),
    upstream.NotReached: gettext_lazy("The API server is not reached: %(sentence)s. Nothing was changed."),
    upstream.Unanswered: gettext_lazy(
        "The connection to the API server broke: %(sentence)s. Whether it did what was asked is not known; "
        "what is shown follows as soon as it is reached again."
    ),
    upstream.NotTrusted: gettext_lazy(
        "The API server is another than we know: %(sentence)s. Nothing was changed."
    ),
    upstream.NotKnown: gettext_lazy(
        "The API server does not take our credentials any more: %(sentence)s. An admin can replace them in "
        "its settings. Nothing was changed."
    ),
    upstream.NotAllowed: gettext_lazy("The API server does not allow it: %(sentence)s"),
    upstream.Overloaded: gettext_lazy(
        "The API server is too busy: %(sentence)s. Nothing was changed, please try again in a moment."
    ),
}
"""Names in a sentence are attributes of the refusal."""

NETWORK: dict[str, Word] = {
    "All connection attempts failed": gettext_lazy("no connection came about"),
    "Connection refused": gettext_lazy("nobody takes connections at its address"),
    "Connection reset by peer": gettext_lazy("the connection broke"),
    "Name or service not known": gettext_lazy("its name is not known to the DNS"),
    "Network is unreachable": gettext_lazy("there is no way to its network"),
    "No route to host": gettext_lazy("there is no way to its machine"),
    "Server disconnected without sending a response.": gettext_lazy("the connection broke"),
    "Temporary failure in name resolution": gettext_lazy("the DNS does not answer"),
    "the API server did not answer in time": gettext_lazy("the API server did not answer in time"),
}
"""What the network and its library say of an API server that is not reached."""


def network_words(said: str) -> str:
    """Return why an API server is not reached, in words; what is not known stays as it was said."""
    return str(NETWORK.get(said, said))


MOST = 10
"""So many pods are named."""


def sentence(refused: errors.Refused) -> str:
    """Return why a request was refused, in words for a person."""
    words = SENTENCES.get(type(refused))
    plain = network_words(refused.sentence) if isinstance(refused, upstream.NotReached) else refused.sentence
    said = plain if words is None else str(words) % {"sentence": plain, **vars(refused)}
    if isinstance(refused, errors.DrainRefused):
        return " ".join([said, *_not_given_away(refused)])
    if isinstance(refused, errors.Conflict) and refused.theirs:
        return _("%(said)s Changed since: %(changes)s") % {
            "said": said,
            "changes": changes_in_words(refused.theirs),
        }
    return said


def _not_given_away(refused: errors.DrainRefused) -> Iterator[str]:
    """Yield which pods a drain would lose that nobody agreed to lose, and what agrees to it."""
    unmanaged = _(
        "Nobody makes these pods anew, for they have no controller: %(pods)s. Allow it to evict them."
    )
    local = _("These pods would lose what is in an emptyDir: %(pods)s. Allow it to evict them.")
    for message, pods in ((unmanaged, refused.unmanaged), (local, refused.local_data)):
        if pods:
            more = len(pods) - MOST
            listed = ", ".join(pods[:MOST])
            yield message % {
                "pods": _("%(names)s and %(n)s more") % {"names": listed, "n": grouped(more)}
                if more > 0
                else listed
            }
