from django.apps import AppConfig


class EndpointsConfig(AppConfig):
    name = "evalhub.endpoints"
    label = "endpoints"
