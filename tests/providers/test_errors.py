"""The tree of errors: what each means for a run, what is masked, which failures are equal."""

import pytest

from workers.providers import errors
from workers.providers.errors import AskError, RateLimited, ServerError, mask


def leaves(kind: type[AskError]) -> list[type[AskError]]:
    below = kind.__subclasses__()
    return [leaf for child in below for leaf in leaves(child)] if below else [kind]


def test_every_error_is_drawn_in_the_docstring_with_its_verdict() -> None:
    drawn = {
        line.split("-- ")[1].split()[0]: line for line in (errors.__doc__ or "").splitlines() if "-- " in line
    }
    for leaf in leaves(AskError):
        assert leaf.default_verdict in drawn[leaf.__name__].split()


def test_class_names_are_unique() -> None:
    names = [leaf.error_class for leaf in leaves(AskError)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "text",
    [
        "key sk-abcdef0123456789 refused",
        "Authorization: Bearer abcdef.ghijkl refused",
        "hf_abcdefghijkl",
        "the key my-own-secret is wrong",
    ],
)
def test_secrets_are_masked(text: str) -> None:
    error = ServerError(text, raw_head=text, secrets=["my-own-secret", ""])
    for shown in (str(error), error.message, error.raw_head):
        assert "***" in shown
        for secret in ("abcdef", "my-own-secret"):
            assert secret not in shown


def test_mask_leaves_plain_words_alone() -> None:
    assert mask("The task-force asked; skip it.") == "The task-force asked; skip it."


def test_equal_failures_have_equal_signatures() -> None:
    one = ServerError("Internal error, request id 9f8e7d6c-1234", status=500)
    two = ServerError("Internal error, request id 0a1b2c3d-9876", status=500)
    assert one.signature == two.signature
    assert one.signature != ServerError("Internal error, request id 9f8e7d6c-1234", status=502).signature
    assert one.signature != ServerError("CUDA out of memory", status=500).signature
    assert one.signature != RateLimited("Internal error, request id 9f8e7d6c-1234", status=500).signature


def test_long_messages_are_cut() -> None:
    assert len(ServerError("x" * 10_000).message) == errors.MESSAGE_LIMIT
