"""What the editor of YAML says by itself: the words of the library, and those of its scripts."""

from __future__ import annotations

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """Return the library's words by its English ones, and those of the scripts by names of their own."""
    return {
        "Find": _("Find"),
        "Replace": _("Replace"),
        "next": _("next"),
        "previous": _("previous"),
        "all": _("all"),
        "match case": _("match case"),
        "regexp": _("regular expression"),
        "by word": _("by word"),
        "replace": _("replace"),
        "replace all": _("replace all"),
        "close": _("close"),
        "current match": _("current match"),
        "on line": _("on line"),
        "replaced match on line $": _("replaced match on line $"),
        "replaced $ matches": _("replaced $ matches"),
        "Folded lines": _("Folded lines"),
        "Unfolded lines": _("Unfolded lines"),
        "to": _("to"),
        "folded code": _("folded lines"),
        "unfold": _("unfold"),
        "Fold line": _("Fold"),
        "Unfold line": _("Unfold"),
        "Completions": _("Completions"),
        "Diagnostics": _("Faults"),
        "No diagnostics": _("No faults"),
        "Go to line": _("Go to line"),
        "go": _("go"),
        "Control character": _("Control character"),
        "Selection deleted": _("Selection deleted"),
        "required": _("required"),
        "values": _("One of: {values}"),
        "tooLarge": _("{name} is larger than 1 MiB."),
        "noText": _("{name} is no UTF-8 text."),
        "loaded": _("{name} is in the text now. Undo (Ctrl-Z) takes it out again."),
    }
