from django.urls import path

from evalhub.suites import benchmark_views, views

app_name = "suites"
urlpatterns = [
    path("", views.index, name="index"),
    path("benchmarks/", benchmark_views.index, name="benchmarks"),
    path("benchmarks/<str:name>/", benchmark_views.page, name="benchmark"),
    path("benchmarks/<str:name>/add/", benchmark_views.add, name="benchmark_add"),
    path("<str:slug>/", views.page, name="page"),
    path("<str:slug>/compose/", views.compose, name="compose"),
]
