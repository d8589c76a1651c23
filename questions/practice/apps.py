from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "questions.practice"
    label = "practice"
