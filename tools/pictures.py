"""Takes the pictures of the README, so that they show the page as it is and not as it once was.

Run it by hand against a running instance, after a page has changed: ``EVERYNODE_PASSWORD=...
python tools/pictures.py http://127.0.0.1:8000/``. It makes a demo cluster of its own, slows its clock
in the middle of a rollout, looks at it in light and in dark, and deletes it again.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
CLUSTER = "staging"
WIDE, HIGH, SCALE = 1360, 720, 1.25
TIMES = "\N{MULTIPLICATION SIGN}"
DONE = 5
"""Nodes that have the new image when the pictures are taken; six are still to come."""

MOST = 250_000
"""Bytes that a picture may have: it travels with every clone."""


def log_in(page: Page, url: str, password: str) -> None:
    """Log in as the first user."""
    page.goto(url)
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/clusters/")


def make_cluster(page: Page) -> None:
    """Make a second demo cluster, and wait until all its pods run."""
    page.get_by_label("Name", exact=True).fill(CLUSTER)
    page.get_by_label("Demo").check()
    page.get_by_role("button", name="Create the cluster").click()
    page.wait_for_url(f"**/clusters/{CLUSTER}/")
    expect(page.locator("#rail .names", has_text="11/11")).to_have_count(2, timeout=20_000)
    expect(page.locator("#rail .names", has_text="3/3")).to_have_count(1, timeout=20_000)


def set_image(page: Page, name: str, image: str) -> None:
    """Set the image of a set on its page."""
    page.goto(f"{root_of(page)}/sets/default/{name}/")
    page.locator("form#image-1 input[name=image]").fill(image)
    page.get_by_role("button", name="Set image").click()
    expect(page.locator("#toasts")).to_contain_text(f"Set the image {image}.")


def root_of(page: Page) -> str:
    """Return the address of the cluster's map."""
    scheme, _, host = page.url.split("/")[:3]
    return f"{scheme}//{host}/clusters/{CLUSTER}"


def go_half_way(page: Page) -> None:
    """Begin two rollouts, one of an image that does not exist, and let time creep in the middle."""
    set_image(page, "ssd-monitor", "luksa/ssd-monitor:non-existent")
    set_image(page, "nginx-ds", "nginx:1.27")
    page.goto(f"{root_of(page)}/?set=default/nginx-ds")
    expect(page.locator("#map .s-new[data-n]")).to_have_count(DONE, timeout=30_000)
    page.locator("summary", has_text=f"{TIMES}1").click()
    page.get_by_role("button", name=f"{TIMES}0.1", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Speed x0.1.")


def take(browser: Browser, page: Page, theme: str) -> Path:
    """Take the picture of the map in one theme, with the verdict of the node that is tainted."""
    context = browser.new_context(
        storage_state=page.context.storage_state(),
        viewport={"width": WIDE, "height": HIGH},
        device_scale_factor=SCALE,
        color_scheme="dark" if theme == "dark" else "light",
    )
    view = context.new_page()
    view.goto(f"{root_of(page)}/?set=default/nginx-ds&node=node-12")
    expect(view.locator("#map [data-n]")).to_have_count(12)
    expect(view.locator("[data-line]")).to_have_attribute("data-state", "live")
    path = IMAGES / f"map-{theme}.png"
    view.screenshot(path=path, animations="disabled")
    context.close()
    return path


def delete_cluster(page: Page) -> None:
    """Leave the instance as it was."""
    page.goto(f"{root_of(page)}/settings/")
    page.get_by_label(f"Type {CLUSTER}").fill(CLUSTER)
    page.get_by_role("button", name="Delete the cluster").click()
    page.wait_for_url("**/clusters/")


def main(url: str, password: str) -> int:
    """Take both pictures; return the exit code."""
    chromium = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        log_in(page, url, password)
        make_cluster(page)
        try:
            go_half_way(page)
            pictures = [take(browser, page, theme) for theme in ("light", "dark")]
        finally:
            delete_cluster(page)
        browser.close()
    for picture in pictures:
        print(f"{picture.name}: {picture.stat().st_size} bytes")
    return int(any(picture.stat().st_size > MOST for picture in pictures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], os.environ["EVERYNODE_PASSWORD"]))
