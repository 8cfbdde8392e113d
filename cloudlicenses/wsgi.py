"""Django's synchronous side: pages, the control APIs, the portals. cloudlicenses.asgi puts the plane before it."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cloudlicenses.settings.base")
application = get_wsgi_application()
