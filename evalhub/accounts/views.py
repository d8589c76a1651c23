from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from evalhub.accounts.forms import ProfileForm
from evalhub.accounts.models import User


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """A person's own language and time zone; the header's language switch is forgotten when they choose here."""
    user = cast(User, request.user)
    form = ProfileForm(request.POST or None, instance=user)
    if form.is_valid():
        User.objects.filter(pk=user.pk).update(**form.cleaned_data)
        if language := form.cleaned_data["language"]:
            translation.activate(language)
        messages.success(request, _("Saved."))
        response = redirect("profile")
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return response
    return render(request, "accounts/profile.html", {"form": form, "teams": user.teams.all()})
