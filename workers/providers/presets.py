"""Endpoint presets: what a user need not know about a server. Data only.

A preset fills an Endpoint row: provider, address, quirks, the environment name its key is usually kept under. Quirks are the
server's peculiarities; every one that exists is listed in QUIRKS, so a misspelt one is refused and not ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

QUIRKS: Mapping[str, str] = {
    "max_tokens_field": "name of the field for the answer's length: max_tokens (default) or max_completion_tokens",
    "max_output_tokens": "the most tokens the server generates where the request names no number (for the budget)",
    "drop": "list of body fields the server refuses; they are left out",
    "extra_body": "fields put into every request body",
    "logprobs": "false where the server gives no log-probabilities",
    "top_logprobs": "the most alternatives a token's log-probabilities may list (default 20)",
    "grammar_field": "where a grammar goes in the body, dotted: grammar, structured_outputs.grammar, ebnf",
    "stream_usage": "false where stream_options is refused",
    "think_opened": "true where the chat template itself opens the reasoning, so that only </think> is seen",
    "auth_header": "name of the header for the key where it is not Authorization: Bearer",
    "cache_prompt": "llama.cpp: false for bit-identical, slower log-probabilities",
    "answers": "mock: echo, key or fixed",
    "seed": "mock: seed of its answers",
    "accuracy": "mock: share of taught answers given right",
    "text": "mock: the fixed answer",
    "taught": "mock: right answers by a text that occurs in the prompt",
    "latency_ms": "mock: milliseconds before each answer",
    "faults": "mock: how it misbehaves",
}


class UnknownQuirk(ValueError):
    """A quirk nobody reads; the message offers the nearest name."""


def check_quirks(quirks: Mapping[str, Any]) -> None:
    """Raise UnknownQuirk for the first name that is not in QUIRKS."""
    for name in quirks:
        if name not in QUIRKS:
            near = get_close_matches(name, QUIRKS, n=1)
            cure = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(QUIRKS)}."
            raise UnknownQuirk(f"Unknown quirk {name!r}. {cure}")


@dataclass(frozen=True, slots=True)
class Preset:
    """One kind of server. `secret_name` '' means that no key is needed by default; notes by language."""

    label: str
    provider: str
    base_url: str
    secret_name: str = ""
    is_local: bool = False
    quirks: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


PRESETS: Mapping[str, Preset] = {
    "openai": Preset(
        "OpenAI",
        "openai_chat",
        "https://api.openai.com/v1",
        "OPENAI_API_KEY",
        quirks={"max_tokens_field": "max_completion_tokens"},
        notes={
            "en": "Reasoning models refuse temperature and log-probabilities: put temperature and top_p into drop.",
            "zh-Hans": "推理模型不接受 temperature 和 logprobs:请把 temperature、top_p 写入 drop。",
        },
    ),
    "vllm": Preset(
        "vLLM",
        "openai_chat",
        "http://127.0.0.1:8000/v1",
        is_local=True,
        quirks={"grammar_field": "structured_outputs.grammar"},
        notes={
            "en": "Before 0.12 put guided_grammar into grammar_field. Base models: choose the provider openai_completions.",
            "zh-Hans": "0.12 之前的版本语法约束字段是 guided_grammar。基座模型请选择 openai_completions。",
        },
    ),
    "sglang": Preset(
        "SGLang",
        "openai_chat",
        "http://127.0.0.1:30000/v1",
        is_local=True,
        quirks={"grammar_field": "ebnf"},
        notes={
            "en": "Start it with --reasoning-parser to get reasoning in a field of its own; we split <think> either way.",
            "zh-Hans": "启动时加 --reasoning-parser 可单独返回推理内容;不加时由本系统切分 <think>。",
        },
    ),
    "llama_cpp": Preset(
        "llama.cpp",
        "llama_cpp",
        "http://127.0.0.1:8080/v1",
        is_local=True,
        quirks={"grammar_field": "grammar"},
        notes={
            "en": "Letters and log-likelihoods are exact here. cache_prompt: false makes them bit-identical, and slower.",
            "zh-Hans": "字母概率与对数似然是精确的。cache_prompt 设为 false 可逐位复现,但更慢。",
        },
    ),
    "exllama": Preset(
        "exllama (TabbyAPI)",
        "openai_chat",
        "http://127.0.0.1:5000/v1",
        "TABBY_API_KEY",
        is_local=True,
        quirks={"auth_header": "x-api-key", "grammar_field": "grammar_string", "top_logprobs": 10},
        notes={
            "en": "The key is in api_tokens.yml. One sequence at a time unless max_batch_size is set: keep concurrency low.",
            "zh-Hans": "密钥在 api_tokens.yml 中。未设置 max_batch_size 时逐条处理:并发应调低。",
        },
    ),
    "fastllm": Preset(
        "fastllm",
        "openai_chat",
        "http://127.0.0.1:8080/v1",
        is_local=True,
        quirks={"logprobs": False, "drop": ["seed", "response_format"], "stream_usage": False},
        notes={
            "en": "Started by ftllm server. Set cautiously (no log-probabilities, seed, response_format): the doctor finds more.",
            "zh-Hans": "由 ftllm server 启动。默认从严(不用 logprobs、seed、response_format);体检会找出它还支持什么。",
        },
    ),
    "lmdeploy": Preset(
        "LMDeploy",
        "openai_chat",
        "http://127.0.0.1:23333/v1",
        is_local=True,
        quirks={"top_logprobs": 20},
        notes={
            "en": "Whether log-probabilities come depends on engine and version: let the doctor look before a letters run.",
            "zh-Hans": "是否返回 logprobs 取决于引擎与版本:letters 方法运行前请先体检。",
        },
    ),
    "ollama": Preset(
        "Ollama",
        "openai_chat",
        "http://127.0.0.1:11434/v1",
        is_local=True,
        notes={
            "en": "Longer prompts than its context are cut silently: set OLLAMA_CONTEXT_LENGTH. Log-probabilities from 0.12.11.",
            "zh-Hans": "超出上下文的提示会被静默截断:请设置 OLLAMA_CONTEXT_LENGTH。logprobs 需 0.12.11 以上。",
        },
    ),
    "dashscope": Preset(
        "DashScope / 百炼 (Qwen)",
        "openai_chat",
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
        "DASHSCOPE_API_KEY",
        quirks={"extra_body": {"enable_thinking": False}, "top_logprobs": 5},
        notes={
            "en": "Open Qwen3 models think only when streamed: set stream and enable_thinking to true for that.",
            "zh-Hans": "开源 Qwen3 仅在流式输出时支持思考:需要时开启 stream 并把 enable_thinking 设为 true。",
        },
    ),
    "deepseek": Preset(
        "DeepSeek",
        "openai_chat",
        "https://api.deepseek.com/v1",
        "DEEPSEEK_API_KEY",
        notes={
            "en": "Reasoning comes in reasoning_content. The thinking mode refuses log-probabilities: set logprobs to false.",
            "zh-Hans": "推理内容在 reasoning_content 字段。思考模式不支持 logprobs:请把 logprobs 设为 false。",
        },
    ),
    "glm": Preset(
        "GLM / 智谱 (Z.ai)",
        "openai_chat",
        "https://open.bigmodel.cn/api/paas/v4",
        "ZHIPUAI_API_KEY",
        quirks={"logprobs": False, "drop": ["seed"], "stream_usage": False},
        notes={
            "en": "No log-probabilities. Abroad the address is https://api.z.ai/api/paas/v4. Thinking: extra_body thinking.",
            "zh-Hans": "不支持 logprobs。海外地址为 https://api.z.ai/api/paas/v4。思考开关:extra_body 的 thinking。",
        },
    ),
    "moonshot": Preset(
        "Moonshot (Kimi)",
        "openai_chat",
        "https://api.moonshot.cn/v1",
        "MOONSHOT_API_KEY",
        quirks={"logprobs": False, "drop": ["seed"]},
        notes={
            "en": "Keys of moonshot.cn and moonshot.ai are not interchangeable. No log-probabilities.",
            "zh-Hans": "moonshot.cn 与 moonshot.ai 的密钥不通用。不支持 logprobs。",
        },
    ),
    "mock": Preset(
        "Mock",
        "mock",
        "http://mock.invalid/v1",
        is_local=True,
        notes={
            "en": "Answers in this process, for trying things out.",
            "zh-Hans": "在本进程内作答,用于试用。",
        },
    ),
}
