from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from evalhub.web import health, views

urlpatterns = [
    path("", views.home, name="home"),
    path("favicon.ico", RedirectView.as_view(url=static("web/mark.svg"))),
    path("queue/", views.queue, name="queue"),
    path("profile/", include("evalhub.accounts.urls")),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("i18n/", include("django.conf.urls.i18n")),
]
