"""What goes over the wire to a system: address, body, headers. Made with the database at hand, sent without."""

from __future__ import annotations

from dataclasses import dataclass, field

from cloudlicenses.web.outgoing import wire


@dataclass(frozen=True, slots=True)
class Parcel:
    url: str = field(repr=False)  # Slack's is a secret
    body: bytes = field(repr=False)
    headers: dict[str, str] = field(repr=False)

    def send(self) -> tuple[int, str]:
        """Status and start of the answer; raises `Unsent`."""
        return wire.post(self.url, self.body, self.headers | wire.JSON_HEADERS)
