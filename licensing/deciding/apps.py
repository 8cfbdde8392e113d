from django.apps import AppConfig


class DecidingConfig(AppConfig):
    """What the seat rule decides, in `public`, for all tenants: licensing/sql/decisions.sql."""

    name = "licensing.deciding"
    label = "deciding"
