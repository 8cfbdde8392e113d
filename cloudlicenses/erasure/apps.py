from django.apps import AppConfig


class ErasureConfig(AppConfig):
    name = "cloudlicenses.erasure"
    label = "erasure"
