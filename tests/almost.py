"""What is almost right: a secret, or bytes, with one place changed, whatever chance has put there.

A letter of one's own choice in place of the last one of a random key is the same key now and then. And the last letter of a text
in base 64 has bits that count for nothing: another letter there may be read as the same bytes.
"""

from __future__ import annotations


def mistyped(secret: str, *, at: int = -2) -> str:
    """The same secret with one character changed. All alphabets of secrets have 2 and 3: hex, and those of base 32, 62 and 64."""
    place = range(len(secret))[at]
    return secret[:place] + ("2" if secret[place] != "2" else "3") + secret[place + 1 :]


def one_bit_off(data: bytes) -> bytes:
    """The same bytes with the last bit turned round."""
    return data[:-1] + bytes([data[-1] ^ 1])
