from django.urls import path

from evalhub.boards import comparison_views, lineage_views, planning_views, profile_views, views

app_name = "boards"
urlpatterns = [
    path("", views.index, name="index"),
    path("compare/", comparison_views.compare, name="compare"),
    path("plan/", planning_views.planner, name="plan"),
    path("lineages/", lineage_views.index, name="lineages"),
    path("lineages/<str:name>/", lineage_views.page, name="lineage"),
    path("lineages/<str:name>/gate.json", lineage_views.gate, name="gate"),
    path("endpoints/<str:name>/", profile_views.page, name="profile"),
    path("<str:slug>/", views.page, name="page"),
    path("<str:slug>/export.<str:suffix>", views.export, name="export"),
]
