from django.apps import AppConfig


class SigningConfig(AppConfig):
    name = "applications.signing"
    label = "signing"
