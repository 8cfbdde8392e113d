"""What this application signs with: the vendor's secret, if one is built in, and this workstation's key, if it has one."""

from __future__ import annotations

from pathlib import Path

import httpx

from ._device import DeviceKey, known_key, made_key, platform_config_dir
from ._settings import Settings
from ._signing import APPLICATION, DEVICE, ApplicationSecret, Signer, SigningWire
from ._wire import Wire


class Standing:
    """Read once; a device key is made only when a server asks for one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._directory = Path(settings.config_dir) if settings.config_dir else platform_config_dir()
        self._host = httpx.URL(settings.server_url).host
        self._signers: dict[str, Signer] = {}
        if settings.application_secret:
            self._signers[APPLICATION] = ApplicationSecret(settings.application_secret)
        if (key := known_key(self._directory, self._host)) is not None:
            self._signers[DEVICE] = key

    def signing(self, wire: Wire) -> Wire:
        """The wire, signing whatever travels over it; itself when there is nothing to sign with."""
        if not self._signers:
            return wire
        return SigningWire(wire, self._settings.server_url, self._signers, self._settings.clock)

    def device_key(self) -> DeviceKey:
        """This workstation's key, made now if it has none; it signs from now on. Raises `ConfigurationError`."""
        key = made_key(self._directory, self._host)
        self._signers[DEVICE] = key
        return key
