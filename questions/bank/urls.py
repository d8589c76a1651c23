from django.urls import path

from questions.bank import views

app_name = "bank"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:slug>/", views.question, name="question"),
]
