"""Every way of asking, by name."""

from evalhub.registry import Entry, Registry
from workers.executors.base import AnyExecutor, Executor, ItemSpec

EXECUTORS: Registry[Executor] = Registry(
    "executor",
    {
        "chat": Entry("Generated answer", "workers.executors.chat.EXECUTOR"),
        "letters": Entry("Letter probabilities", "workers.executors.letters.EXECUTOR"),
    },
)

ITEM_EXECUTORS: Registry[AnyExecutor] = Registry(
    "item executor",
    {"lm_eval": Entry("lm-eval benchmark", "workers.executors.lm_eval.EXECUTOR")},
)
"""Ways of asking that items bring with them (`"executor"` in their spec), whatever method the run asks the others by."""


def executor_for(item_spec: ItemSpec, usual: Executor) -> AnyExecutor:
    """The item's own executor, else the run's usual one. Raises UnknownEntry."""
    own = item_spec.get("executor")
    return ITEM_EXECUTORS.get(own) if own else usual
