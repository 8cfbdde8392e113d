from django.apps import AppConfig


class WatchConfig(AppConfig):
    name = "alerts.watch"
    label = "watch"
