"""The addresses of the door: one, since what follows a cluster's name is for the table of kinds to read."""

from __future__ import annotations

from django.urls import path

from controller.apiserver.door import door

urlpatterns = [
    path("<str:cluster>", door, name="api"),
    path("<str:cluster>/<path:path>", door, name="api"),
]
