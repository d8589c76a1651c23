"""Every provider, by name. The entries are instances: `CATALOGUE.get("openai_chat")` imports and returns one."""

from evalhub.registry import Entry, Registry
from workers.providers.base import Provider

CATALOGUE: Registry[Provider] = Registry(
    "provider",
    {
        "openai_chat": Entry("OpenAI-compatible chat", "workers.providers.openai_chat.PROVIDER"),
        "openai_completions": Entry(
            "OpenAI-compatible completions", "workers.providers.openai_completions.PROVIDER"
        ),
        "llama_cpp": Entry("llama.cpp server", "workers.providers.llama_cpp.PROVIDER"),
        "mock": Entry("Mock (in this process, no network)", "workers.providers.mock.PROVIDER"),
    },
)
