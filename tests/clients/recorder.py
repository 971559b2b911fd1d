"""Stands between a kubectl and a cluster and notes what is asked, so that it can be asked again.

Run by hand, on a cluster of its own, for kubectls that come out new:
``python -m tests.clients.recorder KUBECONFIG KUBECTL > tests/clients/recorded/kubectl-1.NN.json``
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml

from tests.clients.installed import HERE
from tests.kubectls import minor_of

NOTED = ("Accept", "Content-Type")
NUMBER = re.compile(r"(?<=[?&]resourceVersion=)[1-9]\d*")
MANIFEST = HERE / "recorded" / "web.yaml"
COMMANDS = """\
get ds
apply -f {manifest}
rollout status ds/web --timeout 20s
get ds web -o wide
get pods --field-selector spec.nodeName=node-1
get ds web -w --request-timeout 1s
label ds web tier=front --overwrite
set image ds/web main=nginx:1.26
rollout history ds/web
rollout undo ds/web
apply -f {manifest} --dry-run=server
delete ds web
apply --server-side --field-manager robot -f {manifest}
create configmap noted --from-literal a=b --dry-run=server
create configmap noted --from-literal a=b
delete configmap noted
describe ds web
events
get events
get all
auth can-i create daemonsets
cordon node-2
drain node-2 --ignore-daemonsets --force
uncordon node-2
explain ds.spec
delete ds web
"""


@dataclass
class Recorder:
    """A proxy that notes requests. ``server`` is the address of the cluster, with its token."""

    server: str
    noted: list[dict[str, Any]] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """Return the path of the cluster, which stays before all others and is not noted."""
        return urlsplit(self.server).path

    def run(self) -> ThreadingHTTPServer:
        """Begin to serve on a free port of this machine."""
        handler = type("Handler", (BaseHTTPRequestHandler,), {"log_message": lambda *_words: None})
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            setattr(handler, f"do_{method}", lambda at: self.pass_on(at))  # noqa: PLW0108 - bound to a handler
        served = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        Thread(target=served.serve_forever, daemon=True).start()
        return served

    def pass_on(self, at: BaseHTTPRequestHandler) -> None:
        """Note a request, ask the cluster, and hand its answer back."""
        body = at.rfile.read(int(at.headers.get("Content-Length") or 0))
        path = at.path.removeprefix(self.prefix)
        headers = {name: at.headers[name] for name in NOTED if at.headers.get(name)}
        with httpx.stream(at.command, self.server + path, headers=headers, content=body) as answer:
            about = {"method": at.command, "path": NUMBER.sub("{version}", path), "headers": headers}
            self.noted.append({**about, "code": answer.status_code, **noted(body)})
            at.send_response(answer.status_code)
            at.send_header("Content-Type", answer.headers.get("Content-Type", ""))
            at.send_header("Connection", "close")
            at.end_headers()
            with suppress(ConnectionError):  # the client has seen enough of a watch
                for piece in answer.iter_bytes():
                    at.wfile.write(piece)
                    at.wfile.flush()


def noted(body: bytes) -> dict[str, str]:
    """Return what is kept of a body: its text, or its bytes."""
    try:
        return {"body": body.decode()} if body else {}
    except UnicodeDecodeError:
        return {"hex": body.hex()}


def recorded(server: str, program: str) -> list[dict[str, Any]]:
    """Return every command with the requests that a kubectl makes for it; later ones know what it cached."""
    recorder, sessions = Recorder(server), []
    served = recorder.run()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "kubeconfig"
        config.write_text(kubeconfig(f"http://127.0.0.1:{served.server_port}{recorder.prefix}"))
        for command in COMMANDS.splitlines():
            recorder.noted = []
            words = command.format(manifest=MANIFEST).split()
            where = ("--kubeconfig", str(config), "--cache-dir", f"{folder}/cache")
            done = subprocess.run([program, *where, *words], capture_output=True, text=True, check=False)
            told = command.format(manifest=MANIFEST.name)
            sys.stderr.write(f"{told}: {done.returncode} {done.stderr[-200:]}\n")
            sessions.append({"command": told, "requests": recorder.noted})
    served.shutdown()
    return sessions


def kubeconfig(server: str) -> str:
    """Return a kubeconfig that leads to a server."""
    context = {"cluster": "one", "user": "one", "namespace": "default"}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [{"name": "one", "cluster": {"server": server}}],
        "contexts": [{"name": "one", "context": context}],
        "users": [{"name": "one", "user": {}}],
    }
    return json.dumps(content)


def main(handed_out: str, program: str) -> None:
    """Write what a kubectl asks for."""
    server = yaml.safe_load(Path(handed_out).read_text(encoding="utf-8"))["clusters"][0]["cluster"]["server"]
    json.dump({"minor": minor_of(program), "sessions": recorded(server, program)}, sys.stdout, indent=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
