"""People, teams, and who may see what."""

from typing import Any, Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

ROLES = ("candidate", "author", "reviewer", "evaluator", "admin")  # names of auth Groups, made by a migration


class User(AbstractUser):
    """A person. Roles are groups (ROLES); superusers are admins."""

    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    has_one_time_password = models.BooleanField(_("must choose a new password"), default=False)
    teams = models.ManyToManyField("accounts.Team", through="accounts.Membership", related_name="members")

    def has_role(self, *roles: str) -> bool:
        """Whether the person holds any of the roles; an admin holds all."""
        if self.is_superuser:
            return True
        held = self.role_names
        return "admin" in held or bool(held.intersection(roles))

    @property
    def role_names(self) -> frozenset[str]:
        if not hasattr(self, "_role_names"):
            self._role_names = frozenset(self.groups.values_list("name", flat=True))
        return self._role_names


class Team(models.Model):
    name = models.CharField(_("name"), max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    team = models.ForeignKey(Team, models.CASCADE)
    user = models.ForeignKey(User, models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_membership")]


class OwnedQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Rows the person may read: public, own, or of one of their teams; an admin reads all."""
        if not getattr(user, "is_authenticated", False):
            return self.filter(is_public=True)
        if user.has_role("admin"):
            return self
        teams = Membership.objects.filter(user=user).values("team")
        return self.filter(models.Q(is_public=True) | models.Q(owner=user) | models.Q(team__in=teams))

    def editable_by(self, user: Any) -> Self:
        """Rows the person may change: own, or of one of their teams; an admin changes all."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        if user.has_role("admin"):
            return self
        teams = Membership.objects.filter(user=user).values("team")
        return self.filter(models.Q(owner=user) | models.Q(team__in=teams))


class Owned(models.Model):
    """Something a person or a team owns; public things are read by everybody, even without an account."""

    owner = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", null=True, blank=True)
    team = models.ForeignKey("accounts.Team", models.SET_NULL, related_name="+", null=True, blank=True)
    is_public = models.BooleanField(_("public"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        abstract = True
