"""Own data: what is kept, all of it to take away, all of it deleted at one's word."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from evalhub.errors import Invalid
from questions.practice import own_data


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "practice/own_data.html", {"held": own_data.held(request.user), "tab": "data"})


@login_required
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """One JSON file with everything."""
    options = {"ensure_ascii": False, "indent": 1}
    found = JsonResponse(own_data.export(request.user), encoder=DjangoJSONEncoder, json_dumps_params=options)
    found["Content-Disposition"] = 'attachment; filename="evalhub-practice.json"'
    found["Cache-Control"] = "no-store"
    return found


@login_required
@require_POST
def delete(request: HttpRequest) -> HttpResponse:
    if "sure" not in request.POST:
        raise Invalid(
            _("Nothing was deleted: tick the box first, so that a slip of the finger cannot do it.")
        )
    gone = own_data.delete_all(user=request.user)  # type: ignore[arg-type]
    words = _("Deleted: %(attempts)d attempts, %(cards)d scheduled questions, %(marks)d notes and bookmarks.")
    messages.success(request, words % {"attempts": gone.attempts, "cards": gone.cards, "marks": gone.marks})
    return redirect("practice:data")
