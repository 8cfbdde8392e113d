"""A vendor's own look: names and colours that can be seen, logos that are nothing but pixels."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from audit.models import AuditEntry
from cloudlicenses.kit.refusals import InvalidInput
from tenants import context
from tests import builders, cast
from vendors import branding, logos, profile
from vendors.models import Vendor

ACTOR = builders.actor()
PAYLOAD = b"<script>alert(1)</script>"


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 32), color: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, kind)
    return out.getvalue()


def refused(error: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in error.value.errors]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_painted_anew(acting_for_vector: None, kind: str) -> None:
    digest = logos.replace(ACTOR, cast.VECTOR.id, picture(kind) + PAYLOAD)
    kept = logos.find(cast.VECTOR.id, digest[:16])
    assert kept is not None
    assert PAYLOAD not in kept
    with Image.open(io.BytesIO(kept)) as painted:
        assert (painted.format, painted.size, painted.info) == ("PNG", (64, 32), {})
    assert AuditEntry.objects.get(event="vendor.logo_changed").vendor_id == cast.VECTOR.id


def test_a_large_logo_is_scaled_down() -> None:
    with Image.open(io.BytesIO(logos.painted(picture(size=(3000, 500))))) as painted:
        assert painted.size == (640, 107)


@pytest.mark.parametrize(
    ("uploaded", "code"),
    [
        (b"", "invalid"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "invalid"),
        (b"GIF89a" + bytes(100), "invalid"),
        (picture()[:60], "invalid"),
        (picture() + bytes(logos.LARGEST_FILE), "too_large"),
        (picture(size=(5000, 4000)), "too_large"),
        (picture(size=(14000, 14000)), "too_large"),
    ],
    ids=["nothing", "svg", "gif", "cut off", "heavy", "wide", "bomb"],
)
def test_what_is_no_fit_picture_is_refused_and_the_former_one_stays(
    acting_for_vector: None, uploaded: bytes, code: str
) -> None:
    logos.replace(ACTOR, cast.VECTOR.id, picture())
    with pytest.raises(InvalidInput) as error:
        logos.replace(ACTOR, cast.VECTOR.id, uploaded)
    assert refused(error) == [("logo", code)]
    assert logos.find(cast.VECTOR.id) == logos.painted(picture())


def test_a_logo_is_taken_away_and_its_address_with_it(acting_for_vector: None) -> None:
    logos.replace(ACTOR, cast.VECTOR.id, picture())
    logos.remove(ACTOR, cast.VECTOR.id)
    logos.remove(ACTOR, cast.VECTOR.id)
    assert logos.find(cast.VECTOR.id) is None
    assert branding.brands_of([cast.VECTOR.id])[cast.VECTOR.id].logo_path == ""
    assert AuditEntry.objects.filter(event="vendor.logo_removed").count() == 1


@pytest.mark.parametrize(("color", "ink"), [("#1f5fd6", "#ffffff"), ("#000000", "#ffffff"), ("#e8590c", "#14181f")])
def test_text_on_a_colour_can_be_read(color: str, ink: str) -> None:
    assert branding.ink_on(color) == ink
    assert branding.contrast(ink, color) >= 4.5


def test_contrast_is_counted_as_wcag_does() -> None:
    assert branding.contrast("#ffffff", "#000000") == pytest.approx(21)
    assert branding.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"brand_color": "#ffee88"}, [("brand_color", "too_light")]),
        ({"brand_color": "red"}, [("brand_color", "invalid")]),
        ({"name": "", "email": ""}, [("name", "required"), ("email", "required")]),
    ],
)
def test_a_profile_that_would_not_do_is_refused(
    acting_for_vector: None, changes: dict[str, str], faults: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidInput) as error:
        profile.change(ACTOR, cast.VECTOR.id, changes)
    assert refused(error) == faults


def test_a_vendor_changes_its_profile_and_nothing_else(acting_for_vector: None) -> None:
    wanted = {"name": "Vector", "support_email": "help@vector.example", "brand_color": "#b5002f", "status": "suspended"}
    profile.change(ACTOR, cast.VECTOR.id, wanted)
    profile.change(ACTOR, cast.VECTOR.id, {"name": "Vector"})  # nothing new: nothing to record
    with context.platform():
        vendor = Vendor.objects.get(id=cast.VECTOR.id)
        other = Vendor.objects.get(id=cast.GREENHILLS.id)
    assert (vendor.name, vendor.brand_color, vendor.status) == ("Vector", "#b5002f", "active")
    assert (other.name, other.brand_color) == (cast.GREENHILLS.name, "")
    entry = AuditEntry.objects.get(event="vendor.profile_changed")
    assert entry.facts == {"changed": ["brand_color", "name", "support_email"]}
