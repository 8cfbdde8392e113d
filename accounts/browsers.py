"""What a `User-Agent` says, in words a person recognises: "Firefox on Windows"."""

from __future__ import annotations

from django.utils.translation import gettext as _

# The first mark that occurs: many browsers call themselves by others' names too.
BROWSERS = {
    "Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "HeadlessChrome": "Chrome", "Chrome/": "Chrome", "Safari/": "Safari",
    "curl/": "curl",
}  # fmt: skip
SYSTEMS = {
    "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "CrOS": "ChromeOS", "Mac OS X": "macOS",
    "Linux": "Linux",
}  # fmt: skip


def name_of(user_agent: str) -> str:
    """Never empty."""
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown browser")
