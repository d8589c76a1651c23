from django.urls import path

from questions.practice.views import interviews, notebook, own_data, sittings, today
from questions.practice.views import path as stages

app_name = "practice"
urlpatterns = [
    path("", today.index, name="index"),
    path("today/", today.start, name="today"),
    path("tracks/", sittings.tracks, name="tracks"),
    path("start/", sittings.start, name="start"),
    path("sessions/<int:pk>/", sittings.session, name="session"),
    path("sessions/<int:pk>/next/", sittings.go_on, name="next"),
    path("questions/<slug:slug>/", sittings.try_question, name="try"),
    path("questions/<slug:slug>/bookmark/", notebook.bookmark, name="bookmark"),
    path("questions/<slug:slug>/note/", notebook.note, name="note"),
    path("attempts/<int:pk>/", sittings.attempt, name="attempt"),
    path("attempts/<int:pk>/draft/", sittings.draft, name="draft"),
    path("mistakes/", notebook.mistakes, name="mistakes"),
    path("interview/", interviews.index, name="interviews"),
    path("interview/<slug:slug>/", interviews.interview, name="interview"),
    path("interview/<slug:slug>/start/", interviews.start, name="interview-start"),
    path("interviews/<int:pk>/", interviews.report, name="report"),
    path("interviews/<int:pk>/<int:position>/", interviews.answer, name="turn"),
    path("interviews/<int:pk>/draft/", interviews.draft, name="turn-draft"),
    path("interviews/<int:pk>/end/", interviews.end, name="end"),
    path("path/", stages.path, name="path"),
    path("data/", own_data.index, name="data"),
    path("data/export.json", own_data.export, name="export"),
    path("data/delete/", own_data.delete, name="delete"),
]
