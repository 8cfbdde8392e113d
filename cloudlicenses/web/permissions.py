"""Permissions-Policy on every answer: what of a reader's device a page may use. Passkeys and the copy buttons, and nothing else.

Whatever script would ever get into a page has neither camera nor position nor clipboard to read, and no question to ask for them.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

HEADER = "Permissions-Policy"
OURS = ("publickey-credentials-get", "publickey-credentials-create", "clipboard-write")
# Those that browsers know; of a name that they don't, they complain in the console.
NOBODYS = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "compute-pressure", "display-capture",
    "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection",
    "keyboard-map", "local-fonts", "magnetometer", "microphone", "midi", "otp-credentials", "payment", "picture-in-picture",
    "screen-wake-lock", "serial", "storage-access", "sync-xhr", "usb", "window-management", "xr-spatial-tracking",
)  # fmt: skip
POLICY = ", ".join([*(f"{name}=(self)" for name in OURS), *(f"{name}=()" for name in NOBODYS)])


class PermissionsPolicyMiddleware:
    """Sets it, whatever the answer is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers[HEADER] = POLICY
        return response
