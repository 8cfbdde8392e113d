"""What refuses to rotate a data key."""

from __future__ import annotations

from cloudlicenses.kit.refusals import Kind, Refusal, gettext_noop


class RotationUnderWay(Refusal):
    kind = Kind.CONFLICT
    code = "rotation_under_way"
    title = gettext_noop("The last rotation of this data key has not come to its end yet. It goes on by itself.")
