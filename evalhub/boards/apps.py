from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "evalhub.boards"
    label = "boards"
