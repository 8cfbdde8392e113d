"""Behind the same server and the same bridge to threads as the product's own Django."""

from __future__ import annotations

import os
from typing import Any, cast

from a2wsgi import WSGIMiddleware

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.reference.settings"
from django.core.wsgi import get_wsgi_application

THREADS = 16
application = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=THREADS)
