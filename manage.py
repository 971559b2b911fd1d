#!/usr/bin/env python
"""Django's command line. A setting that is missing or bad is told as one sentence, not as a traceback."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - settings must be named first
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - as above

    from dashboard.management.commands.up import Command as Up  # noqa: PLC0415 - as above

    try:
        if sys.argv[1:2] == ["up"]:
            # It only looks at the settings, and a person waits: loading the apps takes half a second.
            Up().run_from_argv(sys.argv)
        else:
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Everynode cannot start: {error}")


if __name__ == "__main__":
    main()
