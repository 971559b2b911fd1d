"""Fetches the few browser files that others wrote, pinned, and notes version, licence and sum of each.

Run it by hand after changing a pin; what it writes is committed, so that nobody needs npm to run or
to test Everynode. ``--check`` compares the committed files with their sums and fetches nothing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BASE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Package:
    """An npm package, and which of its files go where. ``licence`` is its SPDX name."""

    name: str
    version: str
    licence: str
    folder: Path
    files: tuple[str, ...]


PACKAGES = (
    Package(
        "htmx.org", "4.0.1", "0BSD", BASE / "static" / "vendor", ("dist/htmx.min.js",)
    ),  # panels, forms and tables without own scripts
    Package(
        "@xterm/xterm", "6.0.0", "MIT", BASE / "static" / "vendor", ("lib/xterm.mjs", "css/xterm.css")
    ),  # the terminal of the page of a shell
    Package(
        "@xterm/addon-fit", "0.11.0", "MIT", BASE / "static" / "vendor", ("lib/addon-fit.mjs",)
    ),  # fits the terminal to its page
    Package(
        "uplot", "1.6.32", "MIT", BASE / "static" / "vendor", ("dist/uPlot.esm.js", "dist/uPlot.min.css")
    ),  # charts, on the pages that have some
    Package(
        "axe-core", "4.14.1", "MPL-2.0", BASE / "tests" / "browser" / "vendor", ("axe.min.js",)
    ),  # judges the accessibility of the pages, in tests only
)


@dataclass(frozen=True)
class Bundle:
    """npm packages that are put into one file: ``source`` has their pins, locked, and an ``entry.js``."""

    name: str
    source: Path
    target: Path

    def packages(self) -> dict[str, dict[str, str]]:
        """Return the version and the licence of each package, those that it needs in turn included."""
        lock = json.loads((self.source / "package-lock.json").read_text(encoding="utf-8"))["packages"]
        return {
            path.rpartition("node_modules/")[2]: {"version": one["version"], "licence": one["license"]}
            for path, one in sorted(lock.items())
            if path and not one.get("dev") and not one.get("optional")
        }


BUNDLES = (
    Bundle(
        "codemirror", BASE / "tools" / "codemirror", BASE / "static" / "vendor" / "codemirror.mjs"
    ),  # the editor of YAML, on the pages that have one
)


def sha256(path: Path) -> str:
    """Return the sum by which a changed file is known."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(package: Package) -> dict[str, Any]:
    """Write the package's files; return its entry in VERSIONS.json."""
    package.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        spec = f"{package.name}@{package.version}"
        subprocess.run(["npm", "pack", "--silent", spec], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        for name in package.files:
            target = package.folder / Path(name).name
            target.write_bytes((Path(folder) / "package" / name).read_bytes())
    sums = {Path(name).name: sha256(package.folder / Path(name).name) for name in package.files}
    return {"version": package.version, "licence": package.licence, "sha256": sums}


def bundle(one: Bundle) -> dict[str, Any]:
    """Write the file of a bundle; return its entry in VERSIONS.json."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(shutil.copytree(one.source, Path(folder) / "source"))
        subprocess.run(["npm", "ci", "--silent", "--ignore-scripts"], cwd=place, check=True)
        made = place / one.target.name
        options = ["--bundle", "--format=esm", "--minify", "--legal-comments=none", "--target=es2022"]
        options += ["--log-level=warning", f"--outfile={made}"]
        subprocess.run(["node_modules/.bin/esbuild", "entry.js", *options], cwd=place, check=True)
        one.target.write_bytes(made.read_bytes())
    return _entry(one)


def _entry(one: Bundle) -> dict[str, Any]:
    sums = {one.target.name: sha256(one.target)}
    return {"packages": one.packages(), "entry": sha256(one.source / "entry.js"), "sha256": sums}


def unbundled(one: Bundle) -> list[str]:
    """Return what differs between the pins of a bundle, VERSIONS.json and its file."""
    noted = json.loads((one.target.parent / "VERSIONS.json").read_text(encoding="utf-8")).get(one.name)
    return [] if noted == _entry(one) else [f"{one.name}: its pins, its entry or its file"]


def changed(package: Package) -> list[str]:
    """Return what differs between the pins here, VERSIONS.json and the files."""
    noted = json.loads((package.folder / "VERSIONS.json").read_text(encoding="utf-8")).get(package.name, {})
    faults = [] if noted.get("version") == package.version else [f"{package.name}: version"]
    for name, noted_sum in noted.get("sha256", {}).items():
        if sha256(package.folder / name) != noted_sum:
            faults.append(f"{package.name}: {name}")
    return faults


def main() -> int:
    """Fetch all packages, or with ``--check`` say what is not as noted."""
    if "--check" in sys.argv[1:]:
        faults = [fault for package in PACKAGES for fault in changed(package)]
        faults += [fault for one in BUNDLES for fault in unbundled(one)]
        print("\n".join(faults) or "Vendored files are as noted.")
        return 1 if faults else 0
    for folder in {package.folder for package in PACKAGES}:
        entries = {package.name: fetch(package) for package in PACKAGES if package.folder == folder}
        entries |= {one.name: bundle(one) for one in BUNDLES if one.target.parent == folder}
        (folder / "VERSIONS.json").write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
