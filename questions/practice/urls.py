from django.urls import path

from questions.practice import views

app_name = "practice"
urlpatterns = [
    path("", views.index, name="index"),
    path("start/", views.start, name="start"),
    path("sessions/<int:pk>/", views.session, name="session"),
    path("sessions/<int:pk>/next/", views.go_on, name="next"),
    path("questions/<slug:slug>/", views.try_question, name="try"),
    path("attempts/<int:pk>/", views.attempt, name="attempt"),
    path("attempts/<int:pk>/draft/", views.draft, name="draft"),
]
