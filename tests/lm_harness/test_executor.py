"""An lm-eval document into requests and back into responses. Needs no lm-eval."""

import json

import pytest

from workers.executors.base import RunSettings, hash_of, joined, render_asks, settle_replies
from workers.executors.items import ItemSpecError
from workers.executors.lm_eval import EXECUTOR
from workers.providers.base import Reply

PLAIN, CHAT = RunSettings(chat_template=False), RunSettings()
CHOICES = {
    "key": "k",
    "requests": [
        {"type": "loglikelihood", "context": "Q:", "continuations": [" a", " b"]},
        {"type": "loglikelihood", "context": "", "continuations": [" a", " b"]},
    ],
}
MESSAGES = [{"role": "system", "content": "Add."}, {"role": "user", "content": "1+1?"}]


def generation(copies: int = 1, **options: object) -> dict[str, object]:
    request = {"type": "generate_until", "prompt": "Add.\n\n1+1?", "messages": MESSAGES, "options": options}
    return {"key": "k", "copies": copies, "requests": [request]}


def test_each_continuation_is_a_request_in_lm_evals_order() -> None:
    asks = render_asks(EXECUTOR, CHOICES, PLAIN)
    assert [(ask.kind, ask.prompt, ask.continuation) for ask in asks] == [
        ("loglikelihood", "Q:", " a"),
        ("loglikelihood", "Q:", " b"),
        ("loglikelihood", "", " a"),
        ("loglikelihood", "", " b"),
    ]
    replies = [Reply("", logprob=-float(number), is_greedy=number == 2) for number in range(4)]
    result = settle_replies(EXECUTOR, CHOICES, replies, PLAIN)
    assert json.loads(result.text or "") == [[[0.0, False]], [[-1.0, False]], [[-2.0, True]], [[-3.0, False]]]
    assert (result.outcome, result.score, result.grader) == ("ungraded", None, "")


def test_copies_of_one_request_stay_together_and_have_seeds_of_their_own() -> None:
    spec = generation(copies=3)
    settings = RunSettings(seed=7)
    asks = render_asks(EXECUTOR, spec, settings) + render_asks(EXECUTOR, spec, settings, 1)
    assert len({ask.seed for ask in asks}) == 6
    replies = [Reply(word) for word in ("x", "y", "z")]
    assert json.loads(settle_replies(EXECUTOR, spec, replies, settings).text or "") == [["x", "y", "z"]]


def test_a_run_asks_in_chat_or_in_plain_text_with_its_own_system_prompt() -> None:
    (ask,) = render_asks(EXECUTOR, generation(), RunSettings(system_prompt="Be brief."))
    assert ask.messages == ({"role": "system", "content": "Be brief.\n\nAdd."}, MESSAGES[1])
    (ask,) = render_asks(EXECUTOR, generation(), RunSettings(system_prompt="Be brief.", chat_template=False))
    assert (ask.kind, ask.prompt) == ("completion", "Be brief.\n\nAdd.\n\n1+1?")


def test_what_the_benchmark_says_goes_before_the_settings() -> None:
    spec = generation(until="\n", max_gen_toks=32, temperature=0.5, do_sample=True, top_k=5)
    (ask,) = render_asks(EXECUTOR, spec, RunSettings(temperature=0.0, max_tokens=9, top_p=0.9))
    assert (ask.stop, ask.max_tokens, ask.temperature, ask.top_p) == (("\n",), 32, 0.5, 0.9)
    assert ask.extra == {"top_k": 5}


def test_stops_beyond_the_fourth_are_cut_here_instead_of_being_forgotten() -> None:
    spec = generation(until=["1", "2", "3", "4", "END", "STOP"])
    (ask,) = render_asks(EXECUTOR, spec, CHAT)
    assert ask.stop == ("1", "2", "3", "4")
    result = settle_replies(EXECUTOR, spec, [Reply("yes STOP no END")], CHAT)
    assert json.loads(result.text or "") == [["yes "]]


def test_rolling_asks_for_the_whole_text_after_nothing() -> None:
    spec = {"key": "k", "requests": [{"type": "loglikelihood_rolling", "text": "all of it"}]}
    (ask,) = render_asks(EXECUTOR, spec, PLAIN)
    assert (ask.kind, ask.prompt, ask.continuation) == ("loglikelihood", "", "all of it")
    assert settle_replies(EXECUTOR, spec, [Reply("", logprob=-12.5)], PLAIN).text == "[[-12.5]]"


def test_a_server_without_log_probabilities_is_a_failure_not_a_score() -> None:
    with pytest.raises(ItemSpecError, match="choose an endpoint"):
        settle_replies(EXECUTOR, CHOICES, [Reply("x")] * 4, PLAIN)


def test_several_replies_are_recorded_as_one() -> None:
    replies = [
        Reply("", tokens_in=3, latency_s=0.5),
        Reply("", tokens_in=4, tokens_out=1, latency_s=0.25, finish_reason="length"),
    ]
    whole = joined(replies)
    assert (whole.tokens_in, whole.tokens_out, whole.latency_s, whole.finish_reason) == (7, 1, 0.75, "length")
    assert joined(replies[:1]) is replies[0]


def test_the_hash_of_several_requests_depends_on_each_and_their_order() -> None:
    asks = render_asks(EXECUTOR, CHOICES, PLAIN)
    assert hash_of(asks[:1]) == asks[0].request_hash()
    assert len({hash_of(asks), hash_of(asks[::-1]), hash_of(asks[:3])}) == 3
