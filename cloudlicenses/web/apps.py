from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "cloudlicenses.web"
    label = "web"
