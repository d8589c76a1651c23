from django.urls import path

from evalhub.accounts import views

urlpatterns = [path("", views.profile, name="profile")]
