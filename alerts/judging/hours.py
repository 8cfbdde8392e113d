"""Does somebody work when nobody should? Desktop applications alone: servers and the cloud work at night."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.judging.scene import CHECKED_OUT, Finding, Scene, told

DESKTOP = "desktop"


def judge(scene: Scene) -> Iterator[Finding]:
    if not scene.rules["outside_hours"].is_on:
        return
    for occurrence in scene.of(CHECKED_OUT):
        key = scene.keys.get(occurrence.key_id)
        if key is None or key.app_type != DESKTOP or scene.hours.is_open(occurrence.last_at):
            continue
        here = occurrence.last_at.astimezone(scene.hours.clock)
        facts = told(occurrence) | {"local_time": f"{here:%Y-%m-%d %H:%M}", "zone": scene.hours.zone}
        yield Finding("outside_hours", ("key", key.id), key.app_name, occurrence.last_at, occurrence.count, facts)
