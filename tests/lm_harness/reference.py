"""What `lm_eval.simple_evaluate` says of the same benchmarks and the same answers. A process of its own: knows nothing of ours.

python reference.py REQUEST.json ANSWER.json, the request being
{"calls": [{"tasks", "chat", "num_fewshot", "limit"}], "configs", "data", "quirks"}
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import datasets
import lm_eval
from lm_eval.api.model import LM
from lm_eval.tasks import TaskManager
from lm_eval.tasks._index import TaskIndex

from workers.providers.mock import brain_of


class MockModel(LM):
    """The mock's words as a model of lm-eval's."""

    tokenizer_name = "mock"

    def __init__(self, quirks, is_chat):
        super().__init__()
        self.brain = brain_of(SimpleNamespace(quirks=quirks))
        self.is_chat = is_chat

    def apply_chat_template(self, messages, add_generation_prompt=True):
        return json.dumps(messages, ensure_ascii=False)

    def chat_template(self, name=False):
        return "json"

    def generate_until(self, requests, disable_tqdm=False):
        return [self._said(request.args[0]) for request in requests]

    def _said(self, context):
        return self.brain.answer({"messages": json.loads(context)} if self.is_chat else {"prompt": context})

    def loglikelihood(self, requests, disable_tqdm=False):
        return [self.brain.loglikelihood(*request.args) for request in requests]

    def loglikelihood_rolling(self, requests, disable_tqdm=False):
        return [self.brain.loglikelihood("", request.args[0])[0] for request in requests]


def evaluate(request, call):
    manager = TaskManager(include_defaults=False)
    for config in json.loads(json.dumps(request["configs"])):
        if "task" in config and "group" not in config:
            rows = request["data"][config["task"]]
            config["custom_dataset"] = lambda rows=rows, **_: {
                split: datasets.Dataset.from_list(found) for split, found in rows.items()
            }
        TaskIndex.process_cfg(config, None, manager.task_index)
    found = lm_eval.simple_evaluate(
        model=MockModel(request["quirks"], call["chat"]),
        tasks=call["tasks"],
        task_manager=manager,
        num_fewshot=call.get("num_fewshot"),
        limit=call.get("limit"),
        bootstrap_iters=1000,
        apply_chat_template=call["chat"],
        fewshot_as_multiturn=call["chat"],
    )
    samples = {
        task: [
            {"doc_id": row["doc_id"], "filter": row["filter"], **{m: row[m] for m in row["metrics"]}}
            for row in rows
        ]
        for task, rows in found["samples"].items()
    }
    return {"results": {**found["results"], **found.get("groups", {})}, "samples": samples}


def main(asked, answered):
    request = json.loads(Path(asked).read_text())
    answer = [evaluate(request, call) for call in request["calls"]]
    Path(answered).write_text(json.dumps(answer, default=lambda value: value.tolist()))


if __name__ == "__main__":
    main(*sys.argv[1:])
