"""The file by which kubectl and every other client find a cluster: its address and a token.

Over plain http kubectl sends no credentials, so there the token is part of the path; that is only let
in from this machine. Over TLS the token goes in a header, and the file carries the certificate of the
local authority, if there is one.
"""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import urlsplit

import yaml

from controller.services.tokens import DAYS, token_create


def kubeconfig(
    *,
    cluster: int,
    name: str,
    user: int,
    username: str,
    url: str,
    authority: bytes = b"",
    days: int = DAYS,
    reads_only: bool = False,
) -> str:
    """Return the text of a kubeconfig with a new token. ``url`` is that of the site.

    ``authority`` is the certificate (PEM) that the site's own is signed with.
    """
    token = token_create(
        cluster=cluster, user=user, actor=username, note="kubeconfig", days=days, reads_only=reads_only
    )
    secure = urlsplit(url).scheme == "https"
    place = f"{url.rstrip('/')}/k8s/{name}"
    server: dict[str, str | bool] = {"server": place}
    if not secure:
        # Some clients refuse plain http unless they are told that no certificate is looked for.
        server = {"server": f"{place}/{token}", "insecure-skip-tls-verify": True}
    if secure and authority:
        server["certificate-authority-data"] = b64encode(authority).decode()
    called = f"everynode-{name}"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": called,
        "clusters": [{"name": called, "cluster": server}],
        "users": [{"name": f"{username}@{called}", "user": {"token": token} if secure else {}}],
        "contexts": [
            {
                "name": called,
                "context": {"cluster": called, "user": f"{username}@{called}", "namespace": "default"},
            }
        ],
    }
    return yaml.safe_dump(content, sort_keys=False)
