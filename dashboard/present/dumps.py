"""What a dump of a real cluster came to, or why it is refused, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from controller.manifests.dumps import COMMAND, BadDump, Fault
from controller.mirror.dumps import Imported
from controller.queries.clusters import Dump
from dashboard.present.words import Fact, Word, counted, full, grouped

FAULTS: dict[Fault, Word] = {
    Fault.EMPTY: gettext_lazy("The file is empty. Make it with: %(command)s"),
    Fault.EARLY: gettext_lazy(
        "The file ends early: it was cut off, or kubectl had not come to its end. Make it again."
    ),
    Fault.ARCHIVE: gettext_lazy("This is an export of Everynode, which is imported by itself."),
    Fault.HTML: gettext_lazy("This is a web page, not what kubectl wrote. Make a dump with: %(command)s"),
    Fault.KUBECONFIG: gettext_lazy(
        "This is a kubeconfig, not a dump: with it a real cluster is added, and shown live."
    ),
    Fault.SINGLE: gettext_lazy("This is a single %(what)s, not a list. Make a dump with: %(command)s"),
    Fault.NO_LIST: gettext_lazy(
        "This is no list of objects as kubectl writes it, in JSON or YAML. Make one with: %(command)s"
    ),
    Fault.UNREADABLE: gettext_lazy("It cannot be read: %(what)s. Make it again with: %(command)s"),
    Fault.LARGE_FILE: gettext_lazy("The file is larger than %(what)s MiB: pack it with gzip."),
    Fault.LARGE_DUMP: gettext_lazy(
        "All files together have more than %(what)s MiB, unpacked: leave out the events."
    ),
    Fault.LARGE_YAML: gettext_lazy(
        "More than %(what)s MiB of YAML take too long: write the dump with -o json."
    ),
    Fault.LARGE_OBJECT: gettext_lazy("An object has more than %(what)s MiB; no API server would keep it."),
    Fault.BAD_OBJECT: gettext_lazy("The API server would not hold it so: %(what)s"),
    Fault.LACKING: gettext_lazy("%(what)s is missing."),
    Fault.LONG: gettext_lazy("%(what)s is too long."),
    Fault.NAMESPACE: gettext_lazy("metadata.namespace is missing, or there is one and %(what)s has none."),
    Fault.ODD: gettext_lazy("It lacks what every object of its kind has: %(what)s"),
    Fault.TWICE: gettext_lazy(
        "%(what)s is there twice, in two versions: make all lists of a dump by one command."
    ),
    Fault.SAME_UID: gettext_lazy("%(what)s has the uid of another object: a dump is of one cluster."),
    Fault.NO_NODES: gettext_lazy("There are no nodes in it, only: %(what)s. Make it with: %(command)s"),
    Fault.MANY_NODES: gettext_lazy("There are more than %(what)s nodes in it."),
    Fault.MANY_OBJECTS: gettext_lazy(
        "There are more than %(what)s objects to keep in it: leave out the events."
    ),
    Fault.NO_SETS: gettext_lazy(
        "There are pods of DaemonSets in it, but no DaemonSets. Make it with: %(command)s"
    ),
    Fault.UNWORKABLE: gettext_lazy("No controller can work with what is in it: %(what)s"),
}
MOST_KINDS = 8
"""So many kinds that were left out are named."""


def dump_fault(refused: BadDump) -> str:
    """Return why a dump makes no cluster, and what helps."""
    said = str(FAULTS[refused.fault]) % {"what": refused.what, "command": COMMAND}
    return ": ".join(word for word in (refused.file, refused.where, said) if word)


def imported_words(made: Imported) -> str:
    """Return what a dump came to."""
    nodes, sets, pods = (made.counts.get(kind, 0) for kind in ("Node", "DaemonSet", "Pod"))
    sentences = [
        _("Made cluster %(name)s of a dump of %(at)s; its clock is paused.")
        % {"name": made.name, "at": full(datetime.fromtimestamp(made.at, UTC))},
        _("In it: nodes %(nodes)s, DaemonSets %(sets)s, their pods %(pods)s.")
        % {"nodes": grouped(nodes), "sets": grouped(sets), "pods": grouped(pods)},
    ]
    if made.others:
        told = counted(
            "Of %(n)s other pod only what it takes of its node.",
            "Of %(n)s other pods only what they take of their nodes.",
            made.others,
        )
        sentences.append(told)
    if made.left_out:
        most = sorted(made.left_out.items(), key=lambda one: (-one[1], one[0]))[:MOST_KINDS]
        kinds = ", ".join(f"{kind[:63]} {grouped(number)}" for kind, number in most)
        sentences.append(_("Left out: %(kinds)s.") % {"kinds": kinds})
    return " ".join(sentences)


def origin_facts(dump: Dump | None) -> list[Fact]:
    """Return what a cluster was made of, if that was a dump."""
    if dump is None:
        return []
    return [
        Fact(_("a dump of"), full(dump.at)),
        Fact(_("files"), "", codes=tuple(name[:100] for name in dump.files)),
    ]
