"""Everynode in Chinese: every page, what comes over the socket, and how a language is chosen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Enter
from tests.browser.manifests import SSD_MONITOR
from tests.browser.person import Person
from tests.servers import BASE, Everynode

pytestmark = pytest.mark.browser
EXAMPLES = BASE / "dashboard" / "examples"
CLUSTER_PAGES = (
    "",
    "?view=all",
    "?view=health",
    "?set=default/ssd-monitor&node=node-2",
    "?set=Deployment/default/web",
    "table/",
    "pods/",
    "objects/",
    "objects/deployments/",
    "objects/deployments/default/web/",
    "objects/deployments/default/web/rollout/",
    "nodes/node-1/",
    "sets/default/ssd-monitor/",
    "sets/default/ssd-monitor/nodes/?number=unavailable",
    "sets/default/ssd-monitor/rollout/",
    "sets/default/ssd-monitor/race/",
    "sets/default/ssd-monitor/edit/",
    "passes/",
    "events/",
    "overhead/",
    "timeline/",
    "views/",
    "reach/",
    "alternatives/",
    "kubectl/",
    "create/",
    "settings/",
)
PAGES = ("clusters/", "audit/", "users/", "account/", "nowhere/")

READ = """() => {
  const said = [document.title];
  // What bears a language of its own, code, and facts under the names of `kubectl describe`.
  const UNREAD = "code, pre, kbd, script, style, template, textarea, .cm-content, .mono, .facts,"
    + "[lang]:not(html)";
  const note = (text) => text.trim() && said.push(text.replace(/\\s+/g, " ").trim());
  const read = (element) => {
    if (element.matches(UNREAD)) return;
    for (const name of ["title", "aria-label", "placeholder", "alt"]) note(element.getAttribute(name) ?? "");
    for (const child of element.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) note(child.textContent);
      else if (child.nodeType === Node.ELEMENT_NODE) read(child);
    }
  };
  read(document.documentElement);
  return said;
}"""

PROSE = re.compile(r"[A-Za-z]+ [a-z]+ [a-z]+")
"""Three words in a row, as only sentences have them."""

WORD = re.compile(r"[A-Z][a-z]+(?: [a-z]+)*[.:]?")
"""A word or a few with a capital, and nothing else: a button, a heading."""

CHINESE = re.compile(r"[\u4e00-\u9fff]")

NAMES = {
    "Everynode",
    "English",
    "Pod",
    "Secret",
    "Service",
    "Shell",
    "Kubelet",
    "Deployment",
    "Job",
    "Endpoints",
    "Ingress",
    "Node",
    "Namespace",
    "Event",
    "Lease",
    "Role",
    "Running",
    "Deployments",
}
"""What Kubernetes and this site are called in every language."""


def english(said: list[str]) -> list[str]:
    """Return what a page says in English though Chinese has words for it. Chinese may quote Kubernetes."""
    return [
        text
        for text in said
        if (PROSE.search(text) and not CHINESE.search(text))
        or (WORD.fullmatch(text) and text.split()[0] not in NAMES)
    ]


@pytest.fixture
def reader(enter: Enter) -> Person:
    """Return the admin, in a Chinese browser."""
    enter()
    return enter(locale="zh-CN")


def test_every_page_in_chinese(reader: Person, cluster: str) -> None:
    """In a Chinese browser no page says an English sentence, in the middle of trouble either."""
    reader.make_cluster(cluster, labels="disk=ssd")
    reader.create(cluster, SSD_MONITOR.replace("luksa/ssd-monitor", "luksa/ssd-monitor:non-existent"))
    reader.create(cluster, (EXAMPLES / "deployment.yaml").read_text())
    reader.post(f"clusters/{cluster}/nodes/node-3/state/", action="cordon")
    reader.map(cluster, set="default/ssd-monitor")
    reader.sees("node-1", "failing")
    found = {}
    for path in (*(f"clusters/{cluster}/{path}" for path in CLUSTER_PAGES), *PAGES):
        reader.go(path)
        assert reader.page.locator("html").get_attribute("lang") == "zh-hans"
        if english_there := english(reader.page.evaluate(READ)):
            found[path] = english_there
    assert found == {}


def test_what_comes_over_the_socket(enter: Enter, reader: Person, cluster: str) -> None:
    """Cells, notices and the clock speak Chinese as they change, whatever language the other person reads."""
    other = enter("operator")
    reader.make_cluster(cluster, nodes=2)
    reader.map(cluster)
    expect(reader.page.locator("[data-line]")).to_contain_text("实时")
    other.map(cluster)
    other.post(f"clusters/{cluster}/nodes/node-1/state/", action="cordon")
    expect(reader.cell("node-1")).to_have_attribute("aria-label", re.compile("已停止调度"))
    other.create(cluster, SSD_MONITOR)
    other.label(cluster, "node-2", "disk=ssd")
    reader.map(cluster, set="default/ssd-monitor")
    reader.sees("node-2", "new")
    expect(reader.cell("node-2")).to_have_attribute("aria-label", re.compile("最新"))
    other.button("Pause time").click()
    reader.sees_toast("operator 暂停了时间。")
    other.sees_toast("The clock stands still.")


def test_from_one_language_to_the_other(browser: Browser, everynode: Everynode) -> None:
    """The choice before the login outlives it; the menu changes it on any page, which stays where it is."""
    page = browser.new_context(locale="zh-CN").new_page()
    page.goto(everynode.url)
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.get_by_role("button", name="English").click()
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(everynode.password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/clusters/")
    expect(page.get_by_role("heading", name="Clusters", exact=True)).to_be_visible()
    page.goto(f"{everynode.url}audit/?actor=admin")
    page.locator("header summary").filter(has_text="admin").click()
    page.get_by_role("button", name="简体中文").click()
    expect(page.get_by_role("heading", name="审计")).to_be_visible()
    assert page.url == f"{everynode.url}audit/?actor=admin"
    page.context.close()


def test_a_refusal_in_chinese(reader: Person, cluster: str) -> None:
    """What is wrong with a form is told in the page's language, and what was typed stays."""
    reader.make_cluster(cluster)
    reader.go(f"clusters/{cluster}/nodes/node-1/")
    field = reader.page.get_by_label(re.compile("每行一个.*key=value$"))
    field.fill("disk ssd")
    reader.page.locator("form", has=field).get_by_role("button", name="保存").click()
    expect(reader.page.locator(".faults").filter(has_text="标签请写成 key=value")).to_be_visible()
    expect(field).to_have_value("disk ssd")
