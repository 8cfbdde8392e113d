from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "cloudlicenses.access"
    label = "access"
