from django.apps import AppConfig


class SealsConfig(AppConfig):
    name = "audit.seals"
    label = "seals"
