from django.apps import AppConfig


class BankConfig(AppConfig):
    name = "questions.bank"
    label = "bank"
