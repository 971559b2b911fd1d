"""Contact sheets of every page, to be looked at: screens, schemes, languages, clusters small and large.

``EVERYNODE_PASSWORD=... python -m tests.browser.sheets URL FOLDER [LANGUAGE ...]`` makes clusters of its own
in a running instance (no nodes, 3, 100, 5,000, and one in which much is wrong), takes every page of them on
every screen, and puts those of one cluster and screen on sheets. It asserts nothing: that is for an eye.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Error, sync_playwright

from tests.browser.conftest import FLAGS, log_in
from tests.browser.furnished import furnish, furnish_real, pages, real_pages
from tests.browser.manifests import SSD_MONITOR, daemonset, rolling
from tests.browser.person import Person

SCREENS = ((1440, 900), (1024, 768), (390, 844))
SCHEMES = ("light", "dark")
WHOLE = ("", "?view=all", "?view=health", "table/", "overhead/", "pods/", "timeline/", "settings/")
"""Pages of a cluster of which nothing is known but that it has some sets."""

CELL = {1440: 640, 1024: 512, 390: 260}
"""How wide a page is on a sheet, by how wide its screen is."""

ACROSS = {1440: 3, 1024: 4, 390: 7}
ROWS = 3


def made(person: Person) -> dict[str, list[tuple[str, str]]]:
    """Make the clusters; return the names and paths of the pages to be looked at, by cluster."""
    sets = "\n---\n".join(daemonset(f"agent-{one}", update=rolling("10%")) for one in range(20))
    for name, nodes, text in (
        ("none", 0, SSD_MONITOR),
        ("few", 3, SSD_MONITOR),
        ("many", 100, sets),
        ("large", 5000, sets),
    ):
        if person.page.request.get(f"{person.url}clusters/{name}/").ok:
            continue  # it was made when this was run before
        person.make_cluster(name, nodes=nodes)
        person.create(name, text)
    if not person.page.request.get(f"{person.url}clusters/broken/").ok:
        furnish(person, "broken")
    if not person.page.request.get(f"{person.url}clusters/real/").ok:
        furnish_real(person, "real")
    whole = {
        name: [(page or "map", f"clusters/{name}/{page}") for page in WHOLE]
        for name in ("none", "few", "many", "large")
    }
    return {**whole, "broken": list(pages(person, "broken")), "real": list(real_pages("real"))}


def shots(
    browser: Browser, person: Person, paths: list[tuple[str, str]], **context: Any
) -> Iterator[Image.Image]:
    """Take every page on one screen."""
    seen = browser.new_context(storage_state=person.page.context.storage_state(), **context)
    page = seen.new_page()
    for _name, path in paths:
        page.goto(f"{person.url}{path}")
        with suppress(Error):  # not every page has a line
            page.wait_for_selector("[data-line][data-state=live]", timeout=4000)
        yield Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    seen.close()


def sheets(pictures: list[Image.Image], width: int) -> Iterator[Image.Image]:
    """Put pictures of one size on sheets."""
    across, cell = ACROSS[width], CELL[width]
    height = cell * pictures[0].height // pictures[0].width
    for start in range(0, len(pictures), across * ROWS):
        sheet = Image.new("RGB", (across * (cell + 6), ROWS * (height + 6)), "#888")
        for at, picture in enumerate(pictures[start : start + across * ROWS]):
            place = (at % across * (cell + 6), at // across * (height + 6))
            sheet.paste(picture.resize((cell, height), Image.Resampling.LANCZOS), place)
        yield sheet


def main(url: str, folder: Path, languages: list[str]) -> None:
    """Take everything."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        person = Person(browser.new_page(), url)
        log_in(person.page, url, "admin", os.environ["EVERYNODE_PASSWORD"])
        for cluster, paths in made(person).items():
            for language in languages:
                for width, height in SCREENS:
                    for scheme in SCHEMES:
                        screen = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
                        taken = list(shots(browser, person, paths, locale=language, **screen))
                        for number, sheet in enumerate(sheets(taken, width)):
                            sheet.save(folder / f"{cluster}-{language}-{width}-{scheme}-{number}.png")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:] or ["en"])
