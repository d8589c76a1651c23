"""The LLMs we can call."""

from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from evalhub import choices
from evalhub.accounts.models import Owned, OwnedQuerySet


class EndpointQuerySet(OwnedQuerySet):
    def usable_by(self, user: Any) -> Self:
        """Endpoints the person may start runs on: their own and their team's, and visible ones that take no key.

        Seeing an endpoint is not a right to spend its owner's key.
        """
        return self.visible_to(user).filter(
            models.Q(secret_name="") | models.Q(pk__in=self.editable_by(user))
        )


class Endpoint(Owned):
    """An LLM we can call: who serves it, where, under which name, with which key, at what price."""

    name = models.SlugField(_("name"), max_length=80, unique=True, allow_unicode=True)
    provider = models.CharField(_("provider"), max_length=40, choices=choices.providers)
    preset = models.CharField(_("preset"), max_length=40, blank=True)
    base_url = models.CharField(_("address"), max_length=300, blank=True)
    model = models.CharField(_("model name"), max_length=200)
    secret_name = models.CharField(_("name of the key"), max_length=80, blank=True)
    is_base = models.BooleanField(_("base model (not chat-tuned)"), default=False)
    is_embedded = models.BooleanField(_("runs on this machine"), default=False)
    allow_private = models.BooleanField(_("may be on a private address"), default=False)
    quirks = models.JSONField(_("quirks"), default=dict, blank=True)
    input_price = models.FloatField(
        _("price per million input tokens"), default=0, validators=[MinValueValidator(0)]
    )
    output_price = models.FloatField(
        _("price per million output tokens"), default=0, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(_("currency"), max_length=3, default="USD")
    max_in_flight = models.PositiveIntegerField(_("most requests in flight"), default=64)
    requests_per_minute = models.PositiveIntegerField(_("requests per minute"), null=True, blank=True)
    tokens_per_minute = models.PositiveIntegerField(_("tokens per minute"), null=True, blank=True)
    deadline_s = models.PositiveIntegerField(_("total deadline in seconds"), default=120)
    lineage = models.ForeignKey(
        "endpoints.Lineage", models.SET_NULL, null=True, blank=True, related_name="checkpoints"
    )
    step = models.PositiveBigIntegerField(_("training step"), null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True)

    objects = EndpointQuerySet.as_manager()  # type: ignore[misc]  # django-stubs: a manager of a subclass

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(input_price__gte=0, output_price__gte=0),
                name="endpoint_price_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(max_in_flight__gte=1), name="endpoint_in_flight_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Lineage(Owned):
    """Checkpoints of one training run, in order of their step."""

    name = models.SlugField(_("name"), max_length=80, unique=True, allow_unicode=True)
    description = models.TextField(_("description"), blank=True)

    def __str__(self) -> str:
        return self.name
