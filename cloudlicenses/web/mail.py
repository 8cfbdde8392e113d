"""Mail out: one letter as text and as HTML, from `templates/mail/{name}.txt` and `.html`.

The first line of the text template is the subject. Sending raises what SMTP raises: whoever sends is a listener of the outbox
and is asked again. `message_id` names the letter, not the attempt, so that mail programs show a letter sent twice only once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import get_template

from cloudlicenses.web.pages import apex_url


def send(name: str, *, to: str, message_id: str, context: Mapping[str, Any]) -> None:
    """Render and send one letter to one address."""
    said = {"apex_url": apex_url(), "base_domain": settings.BASE_DOMAIN, **context}
    subject, _, text = get_template(f"mail/{name}.txt").render(said).strip().partition("\n")
    letter = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=text.strip() + "\n",
        to=[to],
        headers={"Message-ID": f"<{message_id}.{name}@{settings.BASE_HOST}>", "Auto-Submitted": "auto-generated"},
    )
    letter.attach_alternative(get_template(f"mail/{name}.html").render({"subject": subject, **said}), "text/html")
    letter.send()
