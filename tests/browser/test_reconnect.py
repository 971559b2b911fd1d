"""What the page does when the server goes away, and when it comes back."""

from __future__ import annotations

import os
import signal
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Figure
from tests.browser.manifests import daemonset
from tests.browser.person import Person
from tests.servers import Everynode, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.chaos]


SOON = 60
"""Seconds after which a page that was cut off is live again, whatever happened."""


def test_reconnect(person: Person, cluster: str, everynode: Everynode, figure: Figure) -> None:
    """A page that is cut off says so; it comes back by itself, with what happened meanwhile."""
    person.make_cluster(cluster)
    person.create(cluster, daemonset(nodeSelector={"disk": "ssd"}))
    person.map(cluster)
    person.sees_all("none", 3)
    banner = person.page.locator("[data-line-cut]")
    expect(banner).to_be_hidden()
    person.page.evaluate("window.sameDocument = true")

    # A person in Django admin, on the command line, or at another web process goes on meanwhile.
    web = everynode.run["pids"]["web"]
    os.kill(web, signal.SIGKILL)
    cut = time.monotonic()
    expect(banner).to_be_visible()
    expect(banner).to_contain_text("Cut off from the server")
    change_meanwhile(everynode, cluster)
    wait_until(lambda: everynode.run["pids"]["web"] != web, what="another web process")

    person.is_live()
    expect(banner).to_be_hidden()
    figure("web killed -> page live again, with a web process that had to start", time.monotonic() - cut, "s")
    assert time.monotonic() - cut < SOON
    person.sees("node-2", "new")
    person.sees_all("none", 2)
    assert person.page.evaluate("window.sameDocument")


SAYS_SO = 10
"""Seconds after which a page knows that its server hangs: twice what is promised, on a busy machine."""


def test_a_server_that_hangs(person: Person, cluster: str, everynode: Everynode, figure: Figure) -> None:
    """A connection on which nothing comes is no connection: the page says so, and recovers by itself."""
    person.make_cluster(cluster)
    person.map(cluster)
    banner = person.page.locator("[data-line-cut]")
    expect(banner).to_be_hidden()
    web = everynode.run["pids"]["web"]
    os.kill(web, signal.SIGSTOP)
    try:
        hung = time.monotonic()
        expect(banner).to_be_visible()
        said = time.monotonic() - hung
    finally:
        os.kill(web, signal.SIGCONT)
    figure("web hangs -> page says so", said, "s")
    assert said < SAYS_SO
    person.is_live()
    expect(banner).to_be_hidden()
    person.label(cluster, "node-1", "seen=again")
    expect(person.page.locator("#map")).to_be_visible()


def change_meanwhile(everynode: Everynode, cluster: str) -> None:
    """Set a label where no web process is asked."""
    everynode.manage(
        "shell",
        "-v0",
        "-c",
        "from controller.models import Cluster;"
        "from controller.services.nodes import node_label_patch as patch;"
        f"patch(cluster=Cluster.objects.get(name='{cluster}').pk, actor='shell', nodes=['node-2'],"
        " set={'disk': 'ssd'}, remove=[])",
    )


def test_a_deleted_cluster(person: Person, cluster: str) -> None:
    """Who looks at a cluster while another deletes it is told, and shown the way out."""
    person.make_cluster(cluster)
    person.map(cluster)
    person.post(f"clusters/{cluster}/settings/delete/", **{"deletion-name": cluster})
    gone = person.page.locator("[data-line-gone]")
    expect(gone).to_contain_text("This cluster was deleted.")
    gone.get_by_role("link", name="All clusters").click()
    expect(person.page.get_by_role("heading", name="Clusters", exact=True)).to_be_visible()
    expect(person.page.locator("#cards")).not_to_contain_text(cluster)
