"""Errors our services raise. Domain code never speaks HTTP: views and the API turn these into a status.

EvalHubError
├── NotAllowed        the person may not do this (403)
├── NotReady          the thing is not in a state that allows it (409)
├── Invalid           what was given is wrong; `field` says where (400)
└── Unavailable       something outside is down; trying again later may work (503)
"""


class EvalHubError(Exception):
    """Base of all. The message says what was wrong, the value seen and the cure."""

    status = 500


class NotAllowed(EvalHubError):
    status = 403


class NotReady(EvalHubError):
    status = 409


class Invalid(EvalHubError):
    status = 400

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Unavailable(EvalHubError):
    status = 503
