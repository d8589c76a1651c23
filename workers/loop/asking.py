"""One slot, asked and graded: from its item to the row that is stored. Runs on the event loop; touches no database."""

import asyncio
import logging
from functools import cache

from evalhub.metrics import DETECTORS
from evalhub.metrics.detectors.output import Detector, Output
from evalhub.runs.drafts import AnswerDraft
from workers.executors.base import (
    RENDERER,
    Result,
    failed_result,
    hash_of,
    joined,
    render_asks,
    settle_replies,
)
from workers.executors.registry import executor_for
from workers.gateway.base import AskContext, AskGateway
from workers.loop.context import RunContext
from workers.loop.shards import OpenShard, Slot
from workers.providers.base import Reply
from workers.providers.errors import AskError

log = logging.getLogger(__name__)
INTERNAL = "internal_error"
GENERATED = ("chat", "completion")


def render(run: RunContext, slot: Slot) -> AnswerDraft | None:
    """Prepare the slot's requests; a failed answer where its item cannot be rendered."""
    try:
        executor = executor_for(slot.item.spec, run.executor)
        slot.asks = render_asks(executor, slot.item.spec, run.settings, slot.repeat)
    except Exception as error:  # an item's content is data: whatever it breaks, the shard goes on
        log.exception("item %s cannot be rendered", slot.item.id)
        return broken(slot, error)
    return None


async def answer(gateway: AskGateway, shard: OpenShard, slot: Slot) -> AnswerDraft:
    """Ask and grade. Raises AskError where the verdict is to park or to pause; a final failure is an answer.

    An item's requests are asked one after another, in this one task: they share its intent and its reservation, and a
    server finds the prompt they begin with in its cache.
    """
    run = shard.run
    replies: list[Reply] = []
    try:
        for number, ask in enumerate(slot.asks):
            context = AskContext(
                run=str(run.run_id),
                item=slot.item.key,
                repeat=slot.repeat * len(slot.asks) + number,  # copies of one request are different questions
                renderer=RENDERER,
                priority=run.priority,
                tag=(shard, slot),
            )
            replies.append(await gateway.ask(run.target, ask, context=context))
    except AskError as error:
        if error.verdict != "final":
            raise
        return failed(slot, error)
    if len(slot.asks) > 1:  # the books noted the last one's
        slot.request_hash = hash_of(slot.asks)
    await asyncio.sleep(
        0
    )  # the place this freed is taken by the next request before we spend time on grading
    try:
        executor = executor_for(slot.item.spec, run.executor)
        result = settle_replies(executor, slot.item.spec, replies, run.settings)
        return answered(slot, joined(replies), result)
    except (
        Exception
    ) as error:  # as above: a grader that breaks on one answer must not take the others with it
        log.exception("the answer to item %s cannot be graded", slot.item.id)
        return broken(slot, error)


def answered(slot: Slot, reply: Reply, result: Result) -> AnswerDraft:
    return AnswerDraft(
        item=slot.item,
        repeat=slot.repeat,
        outcome=result.outcome,
        score=result.score,
        extracted=result.extracted,
        text=reply.text if result.text is None else result.text,
        reasoning=reply.reasoning,
        finish_reason=reply.finish_reason,
        letter_probs=result.letter_probs,
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        cost_nano=0 if reply.from_cache else slot.cost_nano,
        latency_s=reply.latency_s,
        ttft_s=reply.ttft_s,
        requests=slot.requests,
        is_cached=reply.from_cache,
        model_reported=reply.model_reported,
        request_hash=slot.request_hash,
        error_class=result.error_class,
        flags=" ".join(flags_of(slot, reply)),
        grader=result.grader,
        rung=result.rung,
        evidence=result.evidence,
    )


def flags_of(slot: Slot, reply: Reply) -> list[str]:
    """Names of the detectors of degenerate output that fire on the reply; none for letters and log-likelihoods."""
    ask = slot.asks[0]
    if ask.kind not in GENERATED or len(slot.asks) > 1:
        return []
    prompt = str(ask.messages[-1].get("content", "")) if ask.messages else ask.prompt
    output = Output(reply.text, prompt, reply.finish_reason, is_cut_expected=ask.max_tokens == 1)
    return [name for name, detect in _detectors().items() if detect(output) is not None]


@cache
def _detectors() -> dict[str, Detector]:
    return {name: DETECTORS.get(name) for name in DETECTORS}


def failed(slot: Slot, error: AskError) -> AnswerDraft:
    result = failed_result(error)
    return AnswerDraft(
        item=slot.item,
        repeat=slot.repeat,
        outcome=result.outcome,
        score=result.score,
        text=error.raw_head,
        cost_nano=slot.cost_nano,
        requests=slot.requests,
        request_hash=slot.request_hash,
        error_class=result.error_class,
        error_text=error.message,
        grader=result.grader,
        rung=result.rung,
        evidence=result.evidence,
    )


def broken(slot: Slot, error: Exception) -> AnswerDraft:
    """A failure of ours, on this item: recorded as such, never as the model's."""
    return AnswerDraft(
        item=slot.item,
        repeat=slot.repeat,
        outcome="failed",
        cost_nano=slot.cost_nano,
        requests=slot.requests,
        request_hash=slot.request_hash,
        error_class=INTERNAL,
        error_text=f"{type(error).__name__}: {error}"[:500],
    )
