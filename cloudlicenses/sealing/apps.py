from django.apps import AppConfig


class SealingConfig(AppConfig):
    name = "cloudlicenses.sealing"
    label = "sealing"
