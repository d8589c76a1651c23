"""Adding an endpoint from a preset asks three things; editing shows everything."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.text import format_lazy, slugify
from django.utils.translation import gettext_lazy as _

from evalhub.endpoints.models import Endpoint
from evalhub.words import lazy_choices
from workers.providers.presets import PRESETS, QUIRKS, UnknownQuirk, check_quirks
from workers.providers.registry import CATALOGUE

ADDRESS_HELP = _("As the server's own documentation gives it, such as https://api.example.com/v1.")
SECRET_HELP = _(
    "The key itself is never stored here. Workers look for the environment variable EVALHUB_SECRET_ and this name, then for "
    "the file of this name in the data folder's secrets. Empty where the server asks for no key."
)
PRIVATE_HELP = _("Lets requests go to private and local addresses. Only an admin may allow it.")


class AddressMixin(forms.ModelForm):  # type: ignore[type-arg]  # subscriptable in the stubs only
    """The address is checked for its form here; where it leads is checked by the gateway at every connection."""

    def clean_base_url(self) -> str:
        address: str = self.cleaned_data["base_url"].strip().rstrip("/")
        parts = urlsplit(address)
        if address and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValidationError(
                _("%(seen)s is no address. Write it with http:// or https:// and a host."),
                params={"seen": address},
            )
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValidationError(
                _(
                    "The address holds a key, a query or a fragment. Give the key by its name, and the bare address here."
                )
            )
        return address


class AddEndpointForm(AddressMixin):
    class Meta:
        model = Endpoint
        fields = ["base_url", "model", "secret_name", "name", "is_public"]
        help_texts = {"base_url": ADDRESS_HELP, "secret_name": SECRET_HELP}

    def __init__(self, *args: Any, preset_name: str, user: Any, **kwargs: Any) -> None:
        if preset_name not in PRESETS:
            raise Http404
        self.preset_name, self.preset = preset_name, PRESETS[preset_name]
        self.may_allow_private = user.has_role("admin")
        super().__init__(*args, **kwargs)
        self.fields["base_url"].initial = self.preset.base_url
        self.fields["secret_name"].initial = self.preset.secret_name
        self.fields["name"].required = False
        self.fields["name"].help_text = _("How it is called on boards. Empty: made from the model's name.")

    def clean_name(self) -> str:
        name: str = (
            self.cleaned_data["name"]
            or slugify(self.data.get("model", "").replace("/", "-"), allow_unicode=True)[:80]
        )
        if not name:
            raise ValidationError(_("Give it a name; none can be made from this model's name."))
        if Endpoint.objects.filter(name=name).exists():
            raise ValidationError(_("%(name)s is taken. Choose another name."), params={"name": name})
        return name

    def save_for(self, user: Any) -> Endpoint:
        endpoint: Endpoint = self.save(commit=False)
        endpoint.owner = user
        endpoint.preset, endpoint.provider = self.preset_name, self.preset.provider
        endpoint.quirks = dict(self.preset.quirks)
        endpoint.allow_private = self.preset.is_local and self.may_allow_private
        endpoint.save()
        return endpoint


class EditEndpointForm(AddressMixin):
    class Meta:
        model = Endpoint
        fields = [
            "name", "provider", "base_url", "model", "secret_name", "is_base", "quirks", "input_price",
            "output_price", "currency",
            "max_in_flight", "requests_per_minute", "tokens_per_minute", "deadline_s", "allow_private", "is_public",
            "notes",
        ]  # fmt: skip
        help_texts = {
            "base_url": ADDRESS_HELP,
            "secret_name": SECRET_HELP,
            "allow_private": PRIVATE_HELP,
            "quirks": format_lazy(
                "{} {}", _("What is peculiar about this server, as JSON. Known names:"), ", ".join(QUIRKS)
            ),
        }
        widgets = {"notes": forms.Textarea(attrs={"rows": 3}), "quirks": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = lazy_choices(CATALOGUE.choices())  # type: ignore[attr-defined]
        if not user.has_role("admin"):
            del self.fields["allow_private"]

    def clean_quirks(self) -> dict[str, Any]:
        quirks = self.cleaned_data["quirks"] or {}
        if not isinstance(quirks, dict):
            raise ValidationError(_("Quirks are a JSON object, such as {}."))
        try:
            check_quirks(quirks)
        except UnknownQuirk as error:
            raise ValidationError(str(error)) from error
        return quirks

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].upper()
        if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
            raise ValidationError(
                _("%(seen)s is no currency code. Write three letters, such as USD or CNY."),
                params={"seen": currency},
            )
        return currency

    def save_changes(self) -> Endpoint:
        """Write the changed columns only; runs that go on keep the prices they were started with."""
        endpoint: Endpoint = self.save(commit=False)
        endpoint.save(update_fields=list(self.fields))
        return endpoint
