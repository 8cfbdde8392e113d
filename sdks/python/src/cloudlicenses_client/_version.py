"""The library's version, sent as `X-Lib-Version` and part of the application fingerprint."""

__version__ = "0.1.0"
