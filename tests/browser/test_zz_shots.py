from pathlib import Path
from datetime import timedelta
from alerts.models import Alert
from alerts import channels, trying, sending
from accounts.models import User
from tenants import context
from tests import builders
from tests.browser.test_alerts import ANNA, MERCEDES, furnish, raised
from cloudlicenses.kit import clock

OUT = Path("/tmp/wt/todo/alerts/shots")

def test_shots(visit):
    OUT.mkdir(exist_ok=True)
    furnish(); raised("wrong_tenant"); raised("client_certificate_required")
    for _ in range(12): raised("rate_limited")
    with context.inside(MERCEDES):
        ch, _ = channels.add("slack", {"url": "https://hooks.slack.com/services/T000/B000/XXXXXXXX"}, actor=builders.actor(), name="On call", least_severity="high")
        trying.send_test(ch.id, actor=builders.actor())
        a = Alert.objects.order_by("kind")[0]
    c = visit(); c.sign_in(ANNA, host=MERCEDES)
    pages = {"list": "/alerts", "alert": f"/alerts/{a.id}", "rules": "/alerts/rules", "rule": "/alerts/rules/repeated_refusals", "hours": "/alerts/hours",
      "channels": "/alerts/channels", "channel": f"/alerts/channels/{ch.id}", "add": "/alerts/channels/add/email", "empty": "/alerts?status=resolved"}
    for lang in ("en", "de"):
        with context.inside(MERCEDES):
            User.objects.update(language=lang)
        for name, path in pages.items():
            page = c.open(path, host=MERCEDES)
            for w, theme in ((1440, "light"), (1440, "dark"), (390, "light")):
                if lang == "de" and theme == "dark": continue
                page.set_viewport_size({"width": w, "height": 900}); page.emulate_media(color_scheme=theme)
                page.screenshot(path=OUT / f"{name}.{lang}.{w}.{theme}.png", full_page=True)
            page.emulate_media(color_scheme="light"); page.set_viewport_size({"width": 1440, "height": 900})
