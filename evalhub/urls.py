"""Every address. Apps are named by strings only: no import runs against the arrow."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("evalhub.web.urls")),
    path("boards/", include("evalhub.boards.urls")),
    path("runs/", include("evalhub.runs.urls")),
    path("suites/", include("evalhub.suites.urls")),
    path("endpoints/", include("evalhub.endpoints.urls")),
    path("questions/", include("questions.bank.urls")),
    path("practice/", include("questions.practice.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
