from django.urls import path

from evalhub.suites import views

app_name = "suites"
urlpatterns = [
    path("", views.index, name="index"),
    path("<str:slug>/", views.page, name="page"),
    path("<str:slug>/compose/", views.compose, name="compose"),
]
