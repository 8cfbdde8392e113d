"""Refresh what browsers get from other projects: `scripts/vendor_assets.py [--check]`.

Each part comes from the npm registry through `npm pack`, in the version written here, stripped to the files that pages use, with
its licence beside it. MANIFEST.json holds version and SHA-256 of every file; `--check` compares without fetching anything, and a
test does the same. No Node is needed to run or to build the product.

Tabler's JavaScript is left out on purpose: menus are <details>, so pages work without any script.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOR_PAGES = ROOT / "static" / "vendor"
FOR_TESTS = ROOT / "tests" / "browser" / "vendor"
MANIFEST = "MANIFEST.json"

MIT = """The MIT License (MIT)

Copyright (c) {holder}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """`files` are kept as they are; `icons` become one sprite. Without `license_file` the package forgot its text: it is MIT."""

    package: str
    version: str
    spdx: str
    files: tuple[str, ...] = ()
    icons: tuple[str, ...] = ()
    license_file: str = ""
    holder: str = ""
    place: Path = FOR_PAGES

    @property
    def directory(self) -> Path:
        name = self.package.removeprefix("@").replace("/", "-").removesuffix(".org")
        return self.place / f"{name}-{self.version}"


PARTS = (
    Part("@tabler/core", "1.6.1", "MIT", files=("dist/css/tabler.min.css",), holder="2018-2026 The Tabler Authors"),
    Part("@tabler/icons", "3.51.0", "MIT", license_file="LICENSE", icons=(
        "activity", "adjustments", "alert-circle", "alert-triangle", "api", "apps", "arrow-back-up", "arrow-bar-to-left",
        "arrow-down", "arrow-left", "arrow-right", "arrow-up", "arrows-sort", "ban", "bell", "bolt", "book", "brand-python",
        "building", "building-bank", "building-store", "calendar", "calendar-stats", "chart-bar", "chart-dots",
        "chart-histogram", "chart-line", "check", "checks", "chevron-down", "chevron-left", "chevron-right", "chevron-up",
        "circle-check", "circle-x", "clipboard", "clock", "clock-hour-4", "code", "coin", "copy", "credit-card", "dashboard",
        "database", "device-desktop", "device-laptop", "devices", "dots", "download", "external-link", "eye", "eye-off",
        "file-certificate", "file-export", "file-invoice", "file-spreadsheet", "filter", "fingerprint", "flag", "gauge", "help",
        "history", "home", "hourglass", "id", "info-circle", "key", "key-off", "layout-dashboard", "lifebuoy", "link", "list",
        "list-details", "lock", "lock-open", "login", "login-2", "logout", "mail", "menu-2", "moon", "network", "package",
        "palette", "pencil", "percentage", "player-pause", "player-play", "plug", "plug-connected", "plus", "receipt", "refresh",
        "repeat", "report-money", "rotate", "search", "send", "server", "settings", "shield", "shield-check", "shield-lock",
        "shield-x", "shopping-cart", "sparkles", "stack-2", "sun", "tag", "terminal-2", "ticket", "timeline", "trash",
        "trending-down", "trending-up", "upload", "user", "user-check", "user-minus", "user-off", "user-plus", "users", "wallet",
        "webhook", "wifi-off", "world", "world-www", "writing", "x",
    )),
    Part("htmx.org", "2.0.11", "0BSD", files=("dist/htmx.min.js",), license_file="LICENSE"),
    Part("idiomorph", "0.8.0", "0BSD", files=("dist/idiomorph-ext.min.js",), license_file="LICENSE"),
    Part("@fontsource-variable/inter", "5.3.0", "OFL-1.1", files=("files/inter-latin-wght-normal.woff2",), license_file="LICENSE"),
    Part("axe-core", "4.14.1", "MPL-2.0", files=("axe.min.js",), license_file="LICENSE", place=FOR_TESTS),
)  # fmt: skip


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    if not arguments:
        for place in (FOR_PAGES, FOR_TESTS):
            _refresh(place)
    faults = list(faults_of(FOR_PAGES)) + list(faults_of(FOR_TESTS))
    print("\n".join(faults) or "All vendored files are as the manifests say.")
    return 1 if faults else 0


def faults_of(place: Path) -> Iterator[str]:
    """What differs between the manifest and the files that are there."""
    listed = {
        name: told for part in json.loads((place / MANIFEST).read_text()) for name, told in part["sha256"].items()
    }
    there = {
        str(path.relative_to(place)): _sha256(path)
        for path in place.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }
    for name in sorted(listed.keys() | there.keys()):
        if listed.get(name) != there.get(name):
            state = "is missing" if name not in there else "is not listed" if name not in listed else "was changed"
            yield f"{place.relative_to(ROOT) / name} {state}"


def _refresh(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    entries = [_fetch(part) for part in PARTS if part.place == place]
    (place / MANIFEST).write_text(json.dumps(entries, indent=2) + "\n")


def _fetch(part: Part) -> dict[str, object]:
    """Unpack what is wanted of the part; its entry in the manifest."""
    part.directory.mkdir()
    with tempfile.TemporaryDirectory() as scratch:
        package = _unpacked(part, Path(scratch))
        for name in part.files:
            _keep(package / name, part.directory)
        if part.icons:
            (part.directory / "icons.svg").write_text(_sprite(package, part.icons))
        text = (package / part.license_file).read_text() if part.license_file else MIT.format(holder=part.holder)
    (part.directory / "LICENSE").write_text(text)
    files = sorted(path for path in part.directory.iterdir())
    return {
        "package": part.package,
        "version": part.version,
        "license": part.spdx,
        "sha256": {str(path.relative_to(part.place)): _sha256(path) for path in files},
    }


def _unpacked(part: Part, scratch: Path) -> Path:
    """npm checks the registry's own hash of what it downloads."""
    pack = ["npm", "pack", "--silent", f"{part.package}@{part.version}"]
    subprocess.run(pack, cwd=scratch, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with tarfile.open(next(scratch.glob("*.tgz"))) as archive:
        archive.extractall(scratch, filter="data")
    return scratch / "package"


def _keep(source: Path, directory: Path) -> None:
    """Source maps stay behind, and with them the line that would ask for them."""
    data = source.read_bytes()
    if source.suffix in {".css", ".js"}:
        data = re.sub(rb"\s*(/\*# sourceMappingURL=\S+ \*/|//# sourceMappingURL=\S+)\s*$", b"\n", data)
    (directory / source.name).write_bytes(data)


def _sprite(package: Path, names: tuple[str, ...]) -> str:
    """One SVG of symbols: `<svg><use href="…/icons.svg#key"/></svg>`."""
    symbols = []
    for name in names:
        text = (package / "icons" / "outline" / f"{name}.svg").read_text()
        shapes = re.findall(r"<(?:path|circle|rect|line|polyline)[^>]*/>", text)
        body = "".join(shape for shape in shapes if 'stroke="none"' not in shape)
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
