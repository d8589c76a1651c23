from django.urls import path

from evalhub.endpoints import views

app_name = "endpoints"
urlpatterns = [
    path("", views.index, name="index"),
    path("add/", views.choose_preset, name="add"),
    path("add/<slug:preset>/", views.add, name="add_from"),
    path("<str:name>/", views.page, name="page"),
    path("<str:name>/edit/", views.edit, name="edit"),
]
