from django.urls import path

from evalhub.boards import views

app_name = "boards"
urlpatterns = [
    path("", views.index, name="index"),
    path("<str:slug>/", views.page, name="page"),
    path("<str:slug>/export.<str:suffix>", views.export, name="export"),
]
