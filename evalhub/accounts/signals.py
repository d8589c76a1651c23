"""allauth tells of a changed password by signal, its only way; ours stay out of signals."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.dispatch import receiver

from evalhub.accounts.models import User


@receiver([password_changed, password_set, password_reset])
def forget_one_time_password(*, user: User, **_: Any) -> None:
    User.objects.filter(pk=user.pk, has_one_time_password=True).update(has_one_time_password=False)
