"""What a page says when somebody else changes the whole cluster that it shows."""

from __future__ import annotations

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """Return the sentence of each notice; the page's script puts who it was and the facts into it."""
    return {
        "clock_pause": _("{person} paused time."),
        "clock_resume": _("{person} resumed time."),
        "clock_speed": _("{person} set the speed to x{after}."),
        "cluster_rename": _("{person} renamed the cluster to {after}."),
        "cluster_reset": _("{person} reset the cluster to how it was made."),
        "mirror_recreated": _("Another cluster answers at its address now; all of it was read anew."),
        "mirror_rewound": _(
            "The API server went back to an earlier state, as from a backup: all of it was read anew."
        ),
    }
