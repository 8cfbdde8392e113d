from django.apps import AppConfig


class OpenApiConfig(AppConfig):
    name = "cloudlicenses.openapi"
    label = "openapi"
