"""The one table of what answers a verb on objects or on a subresource of theirs."""

from __future__ import annotations

from controller.apiserver import accounts, execs, logs, reads, watch, writes
from controller.apiserver.call import Handler

HANDLERS: dict[tuple[str, str], Handler] = {
    ("get", ""): reads.get,
    ("get", "status"): reads.get,
    ("list", ""): reads.list_all,
    ("watch", ""): watch.watch,
    ("create", ""): writes.create,
    ("update", ""): writes.update,
    ("update", "status"): writes.update,
    ("patch", ""): writes.patch,
    ("patch", "status"): writes.patch,
    ("get", "scale"): writes.get_scale,
    ("update", "scale"): writes.update_scale,
    ("patch", "scale"): writes.patch_scale,
    ("get", "ephemeralcontainers"): reads.get,
    ("update", "ephemeralcontainers"): writes.update,
    ("patch", "ephemeralcontainers"): writes.patch,
    ("get", "resize"): reads.get,
    ("update", "resize"): writes.update,
    ("patch", "resize"): writes.patch,
    ("delete", ""): writes.delete,
    ("deletecollection", ""): writes.delete_all,
    ("create", "eviction"): writes.evict,
    ("create", "token"): accounts.request_token,
    ("create", "binding"): writes.bind,
    ("get", "log"): logs.log,
    ("get", "exec"): execs.plain_exec,
    ("create", "exec"): execs.plain_exec,
    ("get", "attach"): execs.plain_attach,
    ("create", "attach"): execs.plain_attach,
    ("get", "portforward"): execs.plain_portforward,
    ("create", "portforward"): execs.plain_portforward,
}
"""By verb and subresource ("" for the object itself). A verb that is not in it is answered with 405."""
