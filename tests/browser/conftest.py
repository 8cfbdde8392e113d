"""A real browser before the real server. Hosts are those of the product; the browser is told where they are.

Debian's chromium is used, for Playwright's own download needs a network. Without it the tests fail and say what to install: a page
that nobody looked at is not tested.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests import cast
from tests.servers import Server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
PATIENCE = 60_000  # milliseconds, for a machine with other things to do
expect.set_options(timeout=PATIENCE)


@pytest.fixture
def browser(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """One a test: Playwright keeps an event loop in this thread, which no other test should meet."""
    if CHROMIUM is None:
        pytest.fail("There is no browser. Install it: apt-get install --yes --no-install-recommends chromium")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # for the tests' own few queries beside that loop
    rules = f"MAP localhost 127.0.0.1:{server.port}, MAP *.localhost 127.0.0.1:{server.port}"
    with sync_playwright() as playwright:
        flags = [*FLAGS, f"--host-resolver-rules={rules}"]
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=flags, timeout=PATIENCE)
        yield running
        running.close()


@dataclass
class Visitor:
    """Somebody at a browser window of their own. `complaints` is what the browser's console held against our pages."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, *, host: str = "") -> Page:
        self.page.goto(f"http://{f'{host}.' if host else ''}localhost:8000{path}")
        return self.page

    def sign_in(self, email: str, *, host: str = "", path: str = "/login") -> Page:
        self.open(path, host=host)
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(cast.PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_load_state()
        return self.page

    def pasted(self) -> str:
        """What was copied, as another window gets it: our own pages may not read the clipboard."""
        window = self.context.new_page()
        window.set_content("<textarea></textarea>")
        window.locator("textarea").press("Control+V")
        text = window.locator("textarea").input_value()
        window.close()
        return text

    def hear(self, message: ConsoleMessage) -> None:
        """Refused forms are answered with 4xx, which the console notes; all else is a defect of ours."""
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """`visit(dark=True, phone=True, scripts=False)`; at the end no console may have complained."""
    visitors: list[Visitor] = []

    def come(*, dark: bool = False, phone: bool = False, scripts: bool = True) -> Visitor:
        context = browser.new_context(
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]  # a plain dict is one
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",  # no colour is measured half-way
            java_script_enabled=scripts,
            permissions=["clipboard-write"],
        )
        context.set_default_timeout(PATIENCE)
        visitor = Visitor(context, context.new_page())
        visitor.page.on("console", visitor.hear)
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        visitors.append(visitor)
        return visitor

    yield come
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []
