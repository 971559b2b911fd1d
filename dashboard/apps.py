"""How Django knows the site."""

from __future__ import annotations

import importlib

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """The site for people, and its users."""

    name = "dashboard"
    verbose_name = "Dashboard"

    def ready(self) -> None:
        """Load the Celery application, so that every shared task belongs to it, and who hears of logins."""
        importlib.import_module("dashboard.celery")
        importlib.import_module("dashboard.logins")
