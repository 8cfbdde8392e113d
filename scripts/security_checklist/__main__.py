"""Write docs/security-checklist.md."""

from __future__ import annotations

from pathlib import Path

from scripts.security_checklist.rendering import document

Path("docs/security-checklist.md").write_text(document(), encoding="utf-8")
