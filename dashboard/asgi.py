"""The application a server runs: pages and clusters' APIs over HTTP, one socket a cluster."""

from __future__ import annotations

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
pages = get_asgi_application()

# What knows models may be imported only once the line above has loaded the apps.
from controller.apiserver.server import Door  # noqa: E402 - as said
from controller.apiserver.sockets import SocketDoor  # noqa: E402 - as said
from dashboard.consumers import ClusterConsumer, Counted, WithLanguage, WithoutDatabase  # noqa: E402 - as said
from dashboard.podsockets import LogsSocket, ShellSocket  # noqa: E402 - as said

# Channels routes by Django's own path(), whose types know views only.
SOCKETS = {
    "ws/clusters/<str:name>/": ClusterConsumer,
    "ws/clusters/<str:cluster>/logs/": LogsSocket,
    "ws/clusters/<str:cluster>/shell/<str:namespace>/<str:name>/<str:container>/": ShellSocket,
}
routes = [path(route, one.as_asgi()) for route, one in SOCKETS.items()]  # type: ignore[arg-type]
sockets = URLRouter(routes)  # type: ignore[arg-type]

# An API is asked by programs: of what stands before the pages (sessions, forms) it has no use.
web = URLRouter([re_path(r"^k8s/", Door()), re_path("", pages)])  # type: ignore[arg-type, list-item]

# Cookies travel with a socket from any page, so the page's origin is asked for; tokens do not.
ours = AllowedHostsOriginValidator(Counted(WithoutDatabase(AuthMiddlewareStack(WithLanguage(sockets)))))
talks = URLRouter([re_path(r"^k8s/", SocketDoor()), re_path("", ours)])  # type: ignore[arg-type, list-item]

application = ProtocolTypeRouter({"http": web, "websocket": talks})
