"""A vendor's logo: whatever was uploaded is decoded, scaled down and painted anew as a PNG, so that nothing but pixels gets in.

An upload is hostile until shown otherwise: its size is bounded before it is read, its format is one of three, its pixels are
counted before they are decoded. What is kept carries no metadata, no script and no second file behind the first.
"""

from __future__ import annotations

import hashlib
import io
import warnings

from django.db import transaction
from PIL import Image, UnidentifiedImageError

from audit import events
from cloudlicenses.kit.actor import Actor
from cloudlicenses.kit.refusals import FieldError, InvalidInput, gettext_noop
from tenants.context import platform
from vendors.models import Logo, Vendor

FORMATS = ("PNG", "JPEG", "WEBP")
LARGEST_FILE = 1_000_000
MOST_PIXELS = 16_000_000
LARGEST_SIDE = (640, 240)


@transaction.atomic
def replace(actor: Actor, vendor_id: str, uploaded: bytes) -> str:
    """The logo's digest. Raises `InvalidInput` for what is no picture, or too large a one."""
    png = painted(uploaded)
    digest = hashlib.sha256(png).hexdigest()
    with platform():
        Logo.objects.update_or_create(vendor_id=vendor_id, defaults={"png": png})
        Vendor.objects.filter(id=vendor_id).update(logo_digest=digest)
    events.record("vendor.logo_changed", actor=actor, subject=("vendor", vendor_id), announce=False, digest=digest)
    return digest


@transaction.atomic
def remove(actor: Actor, vendor_id: str) -> None:
    """Repeatable."""
    with platform():
        removed, _ = Logo.objects.filter(vendor_id=vendor_id).delete()
        Vendor.objects.filter(id=vendor_id).update(logo_digest="")
    if removed:
        events.record("vendor.logo_removed", actor=actor, subject=("vendor", vendor_id), announce=False)


def find(vendor_id: str, digest: str = "") -> bytes | None:
    """The PNG, if there is one, and if it is the one whose digest begins so. For everybody, in any scope."""
    with platform():
        logo = Logo.objects.filter(vendor_id=vendor_id, vendor__logo_digest__startswith=digest).first()
    return bytes(logo.png) if logo else None


def painted(uploaded: bytes) -> bytes:
    """The same picture as a PNG of ours, at most 640 by 240. Raises `InvalidInput`."""
    if len(uploaded) > LARGEST_FILE:
        raise _refusal("too_large", gettext_noop("At most 1 MB."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(uploaded), formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise _refusal("too_large", gettext_noop("At most 16 megapixels."))
                fresh = picture.convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _refusal("too_large", gettext_noop("At most 16 megapixels.")) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise _refusal("invalid", gettext_noop("A picture as PNG, JPEG or WebP.")) from None
    fresh.thumbnail(LARGEST_SIDE)
    out = io.BytesIO()
    Image.frombytes("RGBA", fresh.size, fresh.tobytes()).save(out, "PNG", optimize=True)
    return out.getvalue()


def _refusal(code: str, message: str) -> InvalidInput:
    return InvalidInput(errors=[FieldError("logo", code, message)])
