"""How Django knows the controller."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class ControllerConfig(AppConfig):
    """Clusters, what is in them, and what moves them."""

    name = "controller"
    verbose_name = gettext_lazy("Clusters")
