"""What Prometheus scrapes: everything that is known of all clusters, for who has the scrape token."""

from __future__ import annotations

import gzip

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import re_accepts_gzip
from django.utils.cache import patch_vary_headers
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from controller.metrics import counted
from controller.queries.metrics import clusters_scraped, parts
from dashboard.present.metrics import exposition

QUICKLY = 1
"""Django's level costs more than all else of a large scrape, and makes it a fifth smaller."""

ASKED = 'Bearer realm="metrics"'
SAID = (
    "Metrics are for who sends the scrape token: Authorization: Bearer, and what is in the file metrics-token"
    " of the data folder, or in EVERYNODE_METRICS_TOKEN. Admins see them here when they are logged in.\n"
)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus' text format, or 401 with a sentence."""
    if not _may(request):
        answer = HttpResponse(SAID, status=401, content_type="text/plain; charset=utf-8")
        answer["WWW-Authenticate"] = ASKED
        return answer
    text = exposition(clusters_scraped(), parts()).encode() + counted()
    answer = HttpResponse(text, content_type=CONTENT_TYPE_PLAIN_0_0_4)
    patch_vary_headers(answer, ("Accept-Encoding",))
    if re_accepts_gzip.search(request.headers.get("Accept-Encoding", "")):
        answer.content, answer["Content-Encoding"] = gzip.compress(text, QUICKLY), "gzip"
    return answer


def _may(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        own = settings.EVERYNODE_METRICS_TOKEN
        return bool(own) and constant_time_compare(token.strip(), own)
    return bool(request.user.is_active and request.user.is_superuser)
