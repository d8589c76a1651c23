"""Is it alive, is it ready. `/livez` asks nothing; `/readyz` asks the database, Redis and for a living worker."""

import logging
from collections.abc import Callable

from celery import current_app
from django.db import DatabaseError, connection
from django.db.models import ExpressionWrapper, F, fields
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from evalhub.runs.models import Worker

log = logging.getLogger(__name__)
STALE_S = 60
REDIS_TIMEOUT_S = 2


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when database, Redis and a worker are up, else 503; each part with what is wrong."""
    parts = {name: _state(name, check) for name, check in CHECKS.items()}
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


def _state(name: str, check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:  # whatever an outside service raises, the probe answers
        log.warning("readyz: %s is down: %s", name, type(error).__name__)
        return f"down ({type(error).__name__})"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _redis() -> str:
    with current_app.connection_for_write(connect_timeout=REDIS_TIMEOUT_S) as broker:
        broker.ensure_connection(max_retries=0, timeout=REDIS_TIMEOUT_S)
        broker.default_channel.client.ping()
    return "ok"


def _worker() -> str:
    """A heartbeat within the last minute, by the database's clock."""
    age = ExpressionWrapper(Now() - F("beat_at"), output_field=fields.DurationField())
    try:
        worker = Worker.objects.filter(stopped_at=None).annotate(age=age).order_by("-beat_at").first()
    except DatabaseError:
        return "unknown"
    if worker is None:
        return "no worker has reported yet"
    seconds = worker.age.total_seconds()
    return "ok" if seconds < STALE_S else f"last heartbeat {seconds:.0f} s ago"


CHECKS: dict[str, Callable[[], str]] = {"database": _database, "redis": _redis, "worker": _worker}
