from django.urls import path

from evalhub.runs import question_views, views

app_name = "runs"
urlpatterns = [
    path("", views.index, name="index"),
    path("questions/<int:question_id>/", question_views.question, name="question"),
    path("start/", views.start, name="start"),
    path("<int:pk>/", views.page, name="page"),
    path("<int:pk>/pause/", views.pause, name="pause"),
    path("<int:pk>/resume/", views.resume, name="resume"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/retry/", views.retry, name="retry"),
    path("<int:pk>/manifest.json", views.manifest, name="manifest"),
    path("<int:pk>/answers/", views.answers, name="answers"),
    path("<int:pk>/answers/<int:answer_pk>/", views.answer, name="answer"),
]
