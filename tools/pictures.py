"""Takes the pictures of the README and of docs/, so that they show the pages as they are.

Run it by hand against a running instance, after a page has changed: ``EVERYNODE_PASSWORD=...
python tools/pictures.py http://127.0.0.1:8000/``. It makes clusters of its own and deletes them again: a
demo, whose clock it slows in the middle of a rollout to look at it in light and in dark, one in which a
daemon runs in five ways and loses its pods on a node, one in which not all pods of a daemon are reached,
one of 300 nodes with a rollout that is stuck, and one in which it walks through docs/tour.md.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import starmap
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
CLUSTER, SIDE, TALK, LARGE, TOUR = "staging", "side", "talk", "production", "tour"
WIDE, HIGH, SCALE = 1360, 720, 1.25
TIMES = "\N{MULTIPLICATION SIGN}"
DONE = 5
"""Nodes that have the new image when the pictures are taken; six are still to come."""

SETS = (
    ("cilium", ""),
    ("csi-node", ""),
    ("fluent-bit", ""),
    ("gpu-driver", "gpu: 'yes'"),
    ("node-exporter", ""),
)
DOWN = ("a-007", "a-008", "b-041", "c-093")

MOST = 250_000
"""Bytes that a picture may have: it travels with every clone."""
COLOURS = 256
"""How many a picture keeps: a page has a dozen, and letters have edges."""


def log_in(page: Page, url: str, password: str) -> None:
    """Log in as the first user."""
    page.goto(url)
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/clusters/")


@contextmanager
def a_cluster(page: Page, name: str, fill: Callable[[Locator], None]) -> Iterator[str]:
    """Make a cluster of a filled form, lend the address of its map, and leave the instance as it was."""
    start = page.url
    create = page.get_by_role("button", name="Create the cluster")
    form = page.locator("form").filter(has=create)
    form.get_by_label("Name", exact=True).fill(name)
    fill(form)
    create.click()
    page.wait_for_url(f"**/clusters/{name}/")
    root = f"{start}{name}/"  # the page adds to its address what it shows
    try:
        yield root
    finally:
        page.goto(f"{root}settings/")
        page.get_by_label(f"Type {name}").fill(name)
        page.get_by_role("button", name="Delete the cluster").click()
        page.wait_for_url(start)


def all_run(page: Page) -> None:
    """Wait until all pods of the demo run."""
    expect(page.locator("#rail").get_by_text("11/11", exact=True)).to_have_count(2, timeout=20_000)
    expect(page.locator("#rail").get_by_text("3/3", exact=True)).to_have_count(1, timeout=20_000)


def set_image(page: Page, root: str, name: str, image: str) -> None:
    """Set the image of a set on its page."""
    page.goto(f"{root}sets/default/{name}/")
    page.locator("form[id^=image-] input[name=image]").fill(image)
    page.get_by_role("button", name="Set image").click()
    expect(page.locator("#toasts")).to_contain_text(f"Set the image {image}.")


def go_half_way(page: Page, root: str) -> None:
    """Begin two rollouts, one of an image that does not exist, and let time creep in the middle."""
    set_image(page, root, "ssd-monitor", "luksa/ssd-monitor:non-existent")
    set_image(page, root, "nginx-ds", "nginx:1.27")
    page.goto(f"{root}?set=default/nginx-ds")
    expect(page.locator("#map .s-new[data-n]")).to_have_count(DONE, timeout=30_000)
    page.locator("summary", has_text=f"{TIMES}1").click()
    page.get_by_role("button", name=f"{TIMES}0.1", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Speed x0.1.")


def take_map(browser: Browser, page: Page, root: str, theme: str) -> Path:
    """Take the picture of the map in one theme, with the verdict of the node that is tainted."""
    context = browser.new_context(
        storage_state=page.context.storage_state(),
        viewport={"width": WIDE, "height": HIGH},
        device_scale_factor=SCALE,
        color_scheme="dark" if theme == "dark" else "light",
    )
    view = context.new_page()
    view.goto(f"{root}?set=default/nginx-ds&node=node-12")
    expect(view.locator("#map [data-n]")).to_have_count(12)
    expect(view.locator("[data-line]")).to_have_attribute("data-state", "live")
    path = IMAGES / f"map-{theme}.png"
    view.screenshot(path=path, animations="disabled")
    context.close()
    return path


def take_alternatives(page: Page, root: str) -> Path:
    """Take the picture of a daemon in five ways after its pods on a node were deleted."""
    page.set_viewport_size({"width": WIDE, "height": HIGH})
    page.goto(f"{root}alternatives/")
    page.get_by_role("button", name="Set up").click()
    row = page.locator("#alternatives-node-1")
    expect(row.locator(".tone-good")).to_have_count(5, timeout=20_000)
    row.get_by_role("button", name="Delete pods").click()
    told = page.locator("#alternatives tbody tr")
    expect(told.filter(has_text="new, works")).to_have_count(3, timeout=20_000)
    page.locator("#toasts .toast").last.wait_for(state="detached")
    path = IMAGES / "alternatives.png"
    page.screenshot(path=path, animations="disabled", full_page=True)
    return path


AGENT = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      containers:
      - {name: main, image: "example/agent:1", ports: [{containerPort: 9100, hostPort: 9100}]}
"""


def take_reach(page: Page, root: str) -> Path:
    """Take the picture of the ways to the pods of a daemon, of which one is not ready and one is off."""
    page.set_viewport_size({"width": WIDE, "height": HIGH})
    post(page, f"{root}create/", text=AGENT)
    page.goto(f"{root}reach/")
    page.get_by_role("button", name="Create Services and a sink").click()
    expect(page.get_by_text("6 of 6 reached")).to_have_count(4)
    page.get_by_role("row", name="node-2").get_by_role("button", name="Not ready").click()
    expect(page.get_by_text("5 of 6 reached")).to_have_count(2)
    post(page, f"{root}nodes/node-4/state/", action="down")
    expect(page.get_by_text("4 of 6 reached")).to_have_count(2)
    page.locator("#toasts .toast").last.wait_for(state="detached")
    path = IMAGES / "reach.png"
    page.screenshot(path=path, animations="disabled", full_page=True)
    return path


def post(page: Page, address: str, **form: str) -> None:
    """Send a form as its page would."""
    token = next(one["value"] for one in page.context.cookies() if one["name"].endswith("-csrf"))
    answer = page.request.post(address, form={**form}, headers={"X-CSRFToken": token, "Referer": address})
    if not answer.ok:
        raise RuntimeError(f"{answer.status} {address}")


def break_it(page: Page, root: str) -> None:
    """Fill a cluster of 300 nodes in three zones, power some down, and roll out what cannot be pulled."""
    for zone in "abc":
        labels = f"topology.kubernetes.io/zone=zone-{zone}" + (", gpu=yes" if zone == "c" else "")
        post(page, f"{root}table/add/", name=f"{zone}-", count="100", labels=labels, taints="")
    post(page, f"{root}create/", text="\n---\n".join(starmap(manifest, SETS)))
    page.goto(root)
    expect(page.locator("#rail").get_by_text("300/300", exact=True)).to_have_count(len(SETS) - 1)
    for node in DOWN:
        post(page, f"{root}nodes/{node}/state/", action="down")
    set_image(page, root, "fluent-bit", "fluent/fluent-bit:non-existent")
    page.goto(f"{root}sets/default/fluent-bit/rollout/")
    expect(page.locator("#main")).to_contain_text("30 of 30 slots taken", timeout=30_000)


def manifest(name: str, selector: str) -> str:
    """Return a DaemonSet that replaces a tenth of its pods at a time."""
    return f"""
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  updateStrategy: {{type: RollingUpdate, rollingUpdate: {{maxUnavailable: 10%}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{nodeSelector: {{{selector}}}, containers: [{{name: main, image: "example/{name}:1"}}]}}
"""


def take_broken(page: Page, root: str) -> list[Path]:
    """Take the pictures of all sets on all nodes, and of the rollout that is stuck."""
    page.set_viewport_size({"width": WIDE, "height": HIGH})
    pictures = []
    for name, address in (
        ("broken", f"{root}?view=all"),
        ("rollout", f"{root}sets/default/fluent-bit/rollout/"),
    ):
        page.goto(address)
        expect(page.locator("[data-line]")).to_have_attribute("data-state", "live")
        expect(page.locator(".frame")).to_contain_text(re.compile("28 failing|is stuck"))
        page.wait_for_load_state("networkidle")
        pictures.append(IMAGES / f"{name}.png")
        page.screenshot(path=pictures[-1], animations="disabled")
    return pictures


def live(page: Page, address: str) -> None:
    """Go to a page of a cluster, and stay until its line is open."""
    page.goto(address)
    expect(page.locator("[data-line]")).to_have_attribute("data-state", "live")


def shot(page: Page, name: str) -> Path:
    """Take a picture of what is in sight, without toasts, which come and go."""
    page.locator("#toasts .toast").first.wait_for(state="detached")
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    return path


def walk(page: Page, root: str) -> Iterator[Path]:
    """Do what docs/tour.md says, from the alarm to the undo and back to the cause, and take its pictures."""
    page.set_viewport_size({"width": WIDE, "height": HIGH})
    rollout = f"{root}sets/default/nginx-ds/rollout/"
    set_image(page, root, "nginx-ds", "nginx:non-existent")
    live(page, root)
    expect(page.locator("#rail")).to_contain_text("1 in trouble")
    page.locator("#rail a", has_text="nginx-ds").first.click()
    page.locator("#map .s-failing[data-n]").click()
    expect(page.locator("#panel")).to_contain_text("cannot be pulled")
    live(page, rollout)
    expect(page.locator("#rollout")).to_contain_text("is stuck")
    expect(page.locator("#alerts")).to_contain_text("The alert waits")
    yield shot(page, "tour-stuck")

    page.get_by_role("button", name="Roll back to revision 1").click()
    expect(page.locator("#rollout")).to_contain_text("Revision 3: rollout complete")
    live(page, f"{root}?set=default/nginx-ds")
    for told in ("back to revision 1", "nginx:non-existent"):
        page.locator(".timeline").get_by_text("Edit before").click()
        expect(page.locator(".timeline")).to_contain_text(told)
    expect(page.locator("#map .s-old[data-n]")).to_have_count(11)
    yield shot(page, "tour-cause")

    live(page, rollout)
    page.get_by_label("Canary nodes").fill("disk=ssd")
    page.get_by_label("Then waves by label").fill("topology.kubernetes.io/zone")
    page.get_by_label("The next wave begins").select_option("AfterCanary")
    page.locator("#plan-form").get_by_role("button", name="Preview").click()
    expect(page.locator("#preview .preview-waves > li")).to_have_count(4)
    page.locator("#preview").get_by_role("link", name="On the map").click()
    expect(page.locator("#map [data-n]")).to_have_count(12)
    expect(page.locator("#preview .preview-waves > li")).to_have_count(4)
    yield shot(page, "tour-plan")

    page.locator("#preview").get_by_role("button", name="Apply").click()
    expect(page.locator("#toasts")).to_contain_text("The plan stands.")
    set_image(page, root, "nginx-ds", "nginx:1.27")
    live(page, rollout)
    page.get_by_role("button", name="Promote canary").click()
    expect(page.locator("#plan-now")).to_contain_text("The last plan brought its revision everywhere.")


def lighten(picture: Path) -> int:
    """Write a picture anew with few colours; return how many bytes it has."""
    with Image.open(picture) as taken:
        few = taken.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
    few.save(picture, optimize=True)
    return picture.stat().st_size


def main(url: str, password: str) -> int:
    """Take all pictures; return the exit code."""
    chromium = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        log_in(page, url, password)
        with a_cluster(page, SIDE, lambda form: form.get_by_label("Nodes", exact=True).fill("3")) as root:
            pictures = [take_alternatives(page, root)]
        with a_cluster(page, TALK, lambda form: form.get_by_label("Nodes", exact=True).fill("6")) as root:
            pictures.append(take_reach(page, root))
        with a_cluster(page, CLUSTER, lambda form: form.get_by_label("Demo").check()) as root:
            all_run(page)
            go_half_way(page, root)
            pictures += [take_map(browser, page, root, theme) for theme in ("light", "dark")]
        with a_cluster(page, LARGE, lambda form: form.get_by_label("Nodes", exact=True).fill("0")) as root:
            break_it(page, root)
            pictures += take_broken(page, root)
        with a_cluster(page, TOUR, lambda form: form.get_by_label("Demo").check()) as root:
            all_run(page)
            pictures += walk(page, root)
        browser.close()
    sizes = {picture.name: lighten(picture) for picture in pictures}
    for name, size in sizes.items():
        print(f"{name}: {size} bytes")
    return int(any(size > MOST for size in sizes.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], os.environ["EVERYNODE_PASSWORD"]))
