"""Benchmarks of every shape lm-eval knows, with rows of our own: (name, config, rows by split)."""

from typing import Any

Rows = list[dict[str, Any]]
WORDS = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "heron",
    "inlet",
    "jetty",
    "knoll",
    "larch",
]
EXACT = {"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}


def sums(count: int = 12, start: int = 3) -> Rows:
    return [
        {"q": f"{n} plus {n + 4} makes what ({WORDS[n % 12]})?", "a": str(2 * n + 4), "n": n}
        for n in range(start, start + count)
    ]


def choices(count: int = 12, options: int = 4, start: int = 0) -> Rows:
    return [
        {
            "q": f"Which word stands at place {n} of list {n % 3}?",
            "options": [WORDS[(n * 5 + k) % 12] + " wood" * (k % 2) for k in range(options)],
            "gold": n % options,
        }
        for n in range(start, start + count)
    ]


def texts(count: int = 6) -> Rows:
    return [
        {"text": " ".join(WORDS[(n + k * 3) % 12] for k in range(5 + n)) + "。" * (n % 2)}
        for n in range(count)
    ]


def regex(name: str, pattern: str, *, group: int = 0) -> dict[str, Any]:
    steps = [
        {"function": "regex", "regex_pattern": pattern, "group_select": group},
        {"function": "take_first"},
    ]
    return {"name": name, "filter": steps}


def generated(**more: Any) -> dict[str, Any]:
    return {
        "output_type": "generate_until",
        "test_split": "test",
        "doc_to_text": "Question: {{q}}\nAnswer:",
        "doc_to_target": "{{a}}",
        "generation_kwargs": {"until": ["\n\n", "Question:"]},
        "metric_list": [EXACT],
        "filter_list": [regex("none", r"Answer: ([^.]*)")],
        **more,
    }


def chosen(*metrics: str, **more: Any) -> dict[str, Any]:
    aggregations = {
        "mcc": "matthews_corrcoef",
        "f1": "f1",
        "brier_score": "brier_score",
        "likelihood": "bypass",
    }
    return {
        "output_type": "multiple_choice",
        "test_split": "test",
        "doc_to_text": "{{q}}\nAnswer:",
        "doc_to_choice": "options",
        "doc_to_target": "gold",
        "metric_list": [
            {"metric": name, "aggregation": aggregations.get(name, "mean"), "higher_is_better": True}
            for name in metrics
        ],
        **more,
    }


def rolling(*metrics: str, **more: Any) -> dict[str, Any]:
    return {
        "output_type": "loglikelihood_rolling",
        "test_split": "test",
        "doc_to_text": "",
        "doc_to_target": "{{text}}",
        "metric_list": [{"metric": name} for name in metrics],
        **more,
    }


STRICT_AND_FLEXIBLE = [
    regex("strict-match", r"#### (\-?[0-9]+)"),
    regex("flexible-extract", r"(-?[0-9]+)", group=-1),
]
SHOTS = {"num_fewshot": 2, "fewshot_split": "dev"}

TASKS: dict[str, tuple[dict[str, Any], dict[str, Rows]]] = {
    "gen_exact": (
        generated(
            metric_list=[{**EXACT, "ignore_case": True, "ignore_punctuation": True}],
            filter_list=[regex("none", r"Answer: ([0-9]+\.|.*)")],
        ),
        {"test": sums()},
    ),
    "gen_two_filters": (generated(filter_list=STRICT_AND_FLEXIBLE), {"test": sums(14)}),
    "gen_overlap": (
        generated(
            metric_list=[{"metric": name} for name in ("bleu", "chrf", "ter")],
            doc_to_target="the answer is {{a}} here",
            filter_list=[{"name": "raw", "filter": [{"function": "take_first"}]}],
        ),
        {"test": sums(8)},
    ),
    "gen_no_metric_named": (
        {
            key: value
            for key, value in generated().items()
            if key not in ("metric_list", "generation_kwargs", "filter_list")
        },
        {"test": sums(6)},
    ),
    "gen_default_sampler": (generated(**SHOTS), {"test": sums(), "dev": sums(7, 40)}),
    "gen_first_n": (
        generated(num_fewshot=3, fewshot_split="dev", fewshot_config={"sampler": "first_n"}),
        {"test": sums(), "dev": sums(7, 40)},
    ),
    "gen_samples_written_out": (
        generated(
            num_fewshot=1,
            fewshot_config={"sampler": "first_n", "samples": [{"q": "1 plus 1?", "a": "2", "n": 1}]},
        ),
        {"test": sums(8)},
    ),
    "gen_many_targets": (
        generated(filter_list=[regex("none", r"Answer: (\w+)")], doc_to_target="answers"),
        {"test": [{**row, "answers": [row["a"], f"{row['a']} wood", "C"]} for row in sums()]},
    ),
    "gen_repeats": (
        generated(
            repeats=3,
            filter_list=[
                {
                    "name": "vote",
                    "filter": [
                        {"function": "regex", "regex_pattern": "([0-9]+)"},
                        {"function": "majority_vote"},
                        {"function": "take_first"},
                    ],
                },
                {"name": "first", "filter": [{"function": "take_first"}]},
            ],
        ),
        {"test": sums(6)},
    ),
    "gen_of_choices": (
        generated(
            doc_to_choice=["A", "B", "C", "D"],
            doc_to_target="{{n % 4}}",
            filter_list=[regex("letter", r"Answer: (\w)")],
        ),
        {"test": sums()},
    ),
    "gen_prefix": (
        generated(gen_prefix="The sum:", description="Add the numbers of {{q[:2]}}.\n\n", **SHOTS),
        {"test": sums(8), "dev": sums(5, 60)},
    ),
    "gen_ignored_patterns": (
        generated(
            metric_list=[{**EXACT, "regexes_to_ignore": ["Answer: ", r"\. ####.*"], "ignore_numbers": False}],
            filter_list=[{"name": "raw", "filter": [{"function": "take_first"}]}],
        ),
        {"test": sums()},
    ),
    "gen_chain": (
        generated(
            filter_list=[
                {
                    "name": "low",
                    "filter": [
                        {"function": "lowercase"},
                        {"function": "regex", "regex_pattern": r"answer: ([^.]*)"},
                        {"function": "remove_whitespace"},
                        {"function": "take_first"},
                    ],
                }
            ]
        ),
        {"test": sums(9)},
    ),
    "gen_many_stops": (
        generated(
            generation_kwargs={
                "until": ["\n\n", "</s>", "Q:", "Question:"],
                "max_gen_toks": 64,
                "do_sample": False,
            }
        ),
        {"test": sums(5)},
    ),
    "gen_chinese": (
        generated(doc_to_text="问题:{{q}}\n答案:", filter_list=[regex("数字", r"([0-9]+)")]),
        {"test": [{**row, "q": f"{row['n']}加上{row['n'] + 4}是多少?"} for row in sums(8)]},
    ),
    "mc_acc": (chosen("acc"), {"test": choices()}),
    "mc_norm": (chosen("acc", "acc_norm", "acc_bytes"), {"test": choices(15)}),
    "mc_binary": (chosen("acc", "f1", "mcc"), {"test": choices(16, 2)}),
    "mc_brier": (chosen("acc", "brier_score"), {"test": choices(13)}),
    "mc_greedy": (chosen("exact_match", "acc"), {"test": choices(9)}),
    "mc_mutual_information": (chosen("acc_mutual_info", "acc"), {"test": choices(10)}),
    "mc_many_inputs": (
        chosen(
            "acc",
            doc_to_text="gold",
            doc_to_choice="{{[options[0] ~ ' is tall', options[1] ~ ' is tall']}}",
            doc_to_target="and green",
        ),
        {"test": choices(10, 2)},
    ),
    "mc_many_targets": (
        chosen("acc", "acc_norm", doc_to_target="golds"),
        {"test": [{**row, "golds": [row["gold"], (row["gold"] + 1) % 4]} for row in choices(11)]},
    ),
    "mc_default_sampler": (
        chosen("acc", "acc_norm", num_fewshot=3, fewshot_split="dev"),
        {"test": choices(), "dev": choices(8, start=50)},
    ),
    "mc_shots_of_the_test_split": (
        chosen("acc", num_fewshot=2, fewshot_split="test", fewshot_config={"sampler": "first_n"}),
        {"test": choices(7)},
    ),
    "mc_text_target": (
        chosen(
            "acc",
            doc_to_target="{{options[gold]}}",
            doc_to_text="{{q | regex_replace('place ([0-9]+)', 'spot <\\\\1>')}}",
        ),
        {"test": choices(8)},
    ),
    "mc_no_shots_ever": (chosen("acc", num_fewshot=0), {"test": choices(5)}),
    "mc_rows_twice": (chosen("acc"), {"test": choices(4) + choices(4)}),
    "ll_last_word": (
        {
            "output_type": "loglikelihood",
            "test_split": "test",
            "doc_to_text": "{{text.rsplit(' ', 1)[0]}}",
            "doc_to_target": "{{' ' + text.rsplit(' ', 1)[1]}}",
            "metric_list": [
                {"metric": "perplexity", "aggregation": "perplexity", "higher_is_better": False},
                {"metric": "acc", "aggregation": "mean", "higher_is_better": True},
            ],
        },
        {"test": texts(10)},
    ),
    "roll_all": (rolling("word_perplexity", "byte_perplexity", "bits_per_byte"), {"test": texts()}),
    "roll_bits": (rolling("bits_per_byte"), {"test": texts(3)}),
}
GROUPS: list[dict[str, Any]] = [
    {
        "group": "pair",
        "task": ["mc_acc", "mc_norm"],
        "aggregate_metric_list": [
            {"metric": "acc", "aggregation": "mean", "weight_by_size": True},
            {"metric": "acc_norm", "aggregation": "mean", "weight_by_size": False},
        ],
    },
    {
        "group": "sums",
        "task": ["gen_exact", "gen_two_filters"],
        "aggregate_metric_list": [
            {
                "metric": "exact_match",
                "filter_list": ["strict-match", "flexible-extract", "none"],
                "weight_by_size": True,
            }
        ],
    },
    {
        "group": "everything_small",
        "task": ["pair", "mc_binary"],
        "aggregate_metric_list": [{"metric": "acc", "aggregation": "mean", "weight_by_size": False}],
    },
]
CONFIGS = [{"task": name, **config} for name, (config, _) in TASKS.items()] + GROUPS
DATA = {name: data for name, (_, data) in TASKS.items()}
GENERATED = [name for name, (config, _) in TASKS.items() if config["output_type"] == "generate_until"]
QUIRKS: dict[str, Any] = {
    "answers": "key",
    "seed": 5,
    "accuracy": 0.75,
    "taught": {
        **{f"{n} plus {n + 4} makes": f"{2 * n + 4}. #### {2 * n + 4 + n % 3}" for n in range(3, 17, 2)},
        **{f"{n}加上": f"{2 * n + 4}" for n in range(3, 11, 2)},
        **{f"at place {n} of": row["options"][row["gold"]] for n, row in enumerate(choices(16)) if n % 2},
    },
}
