"""`make screenshots`: a picture of every page that can be reached from the homes of a running demo, into screenshots/.

Signs in at each host as the demo's person there, follows the links within the host, and takes each kind of page once, light and
dark, at the width of a desk and of a phone, in the language of LOCALE. A page wider than its window is named, since the reader
would have to scroll sideways. With ARGS=--docs the few that illustrate README and docs are renewed in docs/images, of the first
screen and in few colours. Uses Debian's Chromium: sudo apt-get install chromium.
"""

import io
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from cloudlicenses.demo import cast

Theme = Literal["light", "dark"]
PICTURES = Path("screenshots")
IMAGES = Path("docs/images")
ILLUSTRATIONS: dict[
    str, tuple[str, str, str, Theme]
] = {  # in docs/images: whose page, where it begins, which link leads on, and the theme
    "overview": ("mercedes.localhost", "/", "", "dark"),
    "license": ("mercedes.localhost", "/licenses", "DaVinci Configurator SE", "light"),
    "vendor": ("vendors.localhost", "/", "", "light"),
    "analytics": ("vendors.localhost", "/analytics", "", "dark"),
    "alerts": ("mercedes.localhost", "/alerts", "", "light"),
    "certificates": ("mercedes.localhost", "/certificates", "", "light"),
    "audit": ("mercedes.localhost", "/audit", "", "light"),
}
SCREEN = {"width": 1440, "height": 900}
COLOURS = 128
PORT = os.environ.get("PORT", "8000")
LOCALE = os.environ.get("LOCALE", "en")
WIDTHS = {"desk": 1440, "phone": 390}
THEMES: tuple[Theme, ...] = ("light", "dark")
# host, where to sign in, as whom, and where to begin
VISITS = (
    ("localhost", "/operator/login", cast.OPERATOR, ("/operator/",)),
    ("localhost", "", "", ("/", "/signup", "/docs", "/problems", "/dev/mail", "/no-such-page", "/operator/login")),
    ("vendors.localhost", "/login", cast.VENDORS[0].email, ("/",)),
    ("mercedes.localhost", "/login", cast.CUSTOMERS[0].admin, ("/",)),
    ("mercedes.localhost", "", "", ("/login", "/forgotten-password", "/resets/old", "/invitations/old")),
)
PATIENCE_MS = 120_000  # for the longest guide, on a machine that has other things to do
SETTLED_MS = 2_000  # what follows what happens has connected
PUBLIC = ("/docs", "/problems")  # the same on every host
IDENTIFIER = re.compile(r"[^/]*\d[^/]*|(?<=^/problems/).+")


def main() -> int:
    """Take them all; refuses when there is no browser."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("There is no chromium. Install it with: sudo apt-get install chromium", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        if "--docs" in sys.argv:
            _illustrate(browser)
            return 0
        seen: set[str] = set()
        for host, sign_in, email, homes in VISITS:
            for picture in _visit(browser, f"http://{host}:{PORT}", sign_in, email, homes, seen):
                print(picture, flush=True)
        browser.close()
    return 0


def _illustrate(browser: Browser) -> None:
    """Small enough to be kept with the code."""
    sign_ins = {host: (sign_in, email) for host, sign_in, email, _homes in VISITS if email}
    pages: dict[str, Page] = {}
    for name, (host, path, link, theme) in ILLUSTRATIONS.items():
        origin = f"http://{host}:{PORT}"
        if host not in pages:
            viewport: Any = SCREEN
            pages[host] = browser.new_page(reduced_motion="reduce", locale="en-GB", viewport=viewport)
            _sign_in(pages[host], origin + sign_ins[host][0], sign_ins[host][1])
        page = pages[host]
        page.emulate_media(color_scheme=theme)
        page.goto(origin + path)
        if link:
            page.get_by_role("link", name=link).first.click()
            page.wait_for_load_state()
        page.wait_for_timeout(SETTLED_MS)
        taken = Image.open(io.BytesIO(page.screenshot()))
        picture = IMAGES / f"{name}.png"
        taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)
        print(f"{picture}: {picture.stat().st_size // 1000} kB", flush=True)


def _visit(
    browser: Browser, origin: str, sign_in: str, email: str, homes: tuple[str, ...], seen: set[str]
) -> Iterator[Path]:
    page = browser.new_context(reduced_motion="reduce", locale=LOCALE).new_page()
    page.set_default_timeout(PATIENCE_MS)
    if sign_in:
        _sign_in(page, origin + sign_in, email)
    folder = PICTURES / LOCALE / ("operator" if "operator" in sign_in else urlsplit(origin).hostname or "")
    waiting = list(homes)
    while waiting:
        path = waiting.pop(0)
        if (kind := _kind(path) if path.startswith(PUBLIC) else origin + _kind(path)) in seen:
            continue
        seen.add(kind)
        answer = page.goto(origin + path)
        if answer is not None and "html" in answer.headers.get("content-type", ""):
            yield from _pictures(page, folder, path)
            waiting += _links(page, origin)


def _sign_in(page: Page, address: str, email: str) -> None:
    page.goto(address)
    page.fill("input[type=email]", email)
    page.fill("input[type=password]", cast.PASSWORD)
    page.press("input[type=password]", "Enter")
    page.wait_for_url(lambda url: "login" not in url)


def _pictures(page: Page, folder: Path, path: str) -> Iterator[Path]:
    """Whoever has chosen no theme gets the system's."""
    name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home"
    for where, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            picture = folder / f"{name}.{where}.{theme}.png"
            page.screenshot(path=picture, full_page=True)
            yield picture
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            print(f"{path} is wider than {width} pixels", file=sys.stderr)
    page.emulate_media(color_scheme="light")


def _links(page: Page, origin: str) -> list[str]:
    """Paths within the host; downloads and signing out are not followed."""
    links = page.eval_on_selector_all("a[href]:not([download])", "all => all.map(one => one.href)")
    paths = [urlsplit(link).path for link in links if link.startswith(f"{origin}/")]
    return [path for path in paths if not path.startswith("/api/") and "logout" not in path]


def _kind(path: str) -> str:
    """One picture stands for all pages that differ in an identifier alone."""
    return IDENTIFIER.sub("*", path)


if __name__ == "__main__":
    sys.exit(main())
