from django.urls import URLPattern

app_name = "suites"
urlpatterns: list[URLPattern] = []
