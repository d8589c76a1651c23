"""People's definitions hold data only: what could run code is refused before lm-eval sees it, and by name."""

from pathlib import Path

import pytest

from tests.lm_harness.conftest import needs_lm_eval
from tests.lm_harness.definitions import CONFIGS, DATA, generated, sums
from workers.benchmarks import definitions, process
from workers.benchmarks.errors import BenchmarkError

GOOD = {"task": "t", **generated()}


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.get("group", config["task"]))
def test_definitions_of_every_shape_pass(config: dict[str, object]) -> None:
    definitions.check(config)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"process_results": "os.system"}, "'process_results' is not allowed"),
        ({"process_docs": "x"}, "'process_docs' is not allowed"),
        ({"custom_dataset": "x"}, "'custom_dataset' is not allowed"),
        ({"class": "x"}, "'class' is not allowed"),
        ({"use_prompt": "x"}, "'use_prompt' is not allowed"),
        ({"unsafe_code": True}, "'unsafe_code' is not allowed"),
        ({"dataset_kwargs": {"trust_remote_code": True}}, "trust_remote_code"),
        ({"dataset_path": "/etc"}, "dataset_path is '/etc'"),
        ({"dataset_path": "../x/y"}, "dataset_path is"),
        ({"dataset_path": "json", "dataset_kwargs": {"data_files": "/etc/passwd"}}, "only from the folder"),
        ({"dataset_path": "a/b", "dataset_kwargs": {"data_files": "/etc/passwd"}}, "only from the folder"),
        ({"metric_list": [{"metric": "rouge", "hf_evaluate": True}]}, "fetched from the hub"),
        ({"filter_list": [{"name": "x", "filter": [{"function": "custom"}]}]}, "runs code"),
        ({"fewshot_config": {"process_docs": "x"}}, "fewshot_config may hold"),
        ({"output_type": "anything"}, "output_type is 'anything'"),
        ({"repeats": 10_000}, "repeats is 10000"),
        ({"doc_to_text": "x" * 30_000}, "at most 20000 characters"),
    ],
)
def test_what_could_run_code_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(BenchmarkError, match=message):
        definitions.check({**GOOD, **change})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("task: t\ndoc_to_text: !function utils.f\n", "Tags such as !function"),
        ("task: t\nx: !!python/object/apply:os.system [id]\n", "Tags such as !function"),
        ("include: ../../outside.yaml\ntask: t\n", "outside its folder"),
        ("include: a.yaml\ntask: t\n", "includes itself"),
        (
            "task: t\ndataset_path: json\ndataset_kwargs: {data_files: {test: ../secret.jsonl}}\n",
            "lies outside",
        ),
        ("- a list\n", "is a mapping"),
    ],
)
def test_a_folder_is_read_without_running_anything(tmp_path: Path, text: str, message: str) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "a.yaml").write_text(text)
    with pytest.raises(BenchmarkError, match=message):
        definitions.read_folder(folder)


def test_included_files_are_merged_and_data_files_found(tmp_path: Path) -> None:
    (tmp_path / "base").write_text("dataset_path: json\noutput_type: generate_until\n")
    (tmp_path / "a.yaml").write_text(
        "include: base\ntask: t\ndataset_kwargs: {data_files: {test: rows.jsonl}}\n"
    )
    (found,) = definitions.read_folder(tmp_path)
    assert found["dataset_path"] == "json"
    assert found["dataset_kwargs"] == {"data_files": {"test": str(tmp_path / "rows.jsonl")}}


@needs_lm_eval
def test_a_template_cannot_leave_its_sandbox(tmp_path: Path) -> None:
    """Unsandboxed, this very template runs a command (found by experiment)."""
    mark = tmp_path / "was-here"
    escape = "{{ cycler.__init__.__globals__.os.popen('touch MARK').read() }}".replace("MARK", str(mark))
    config = {"task": "evil", **generated(doc_to_text=escape)}
    definitions.check(config)  # a template is data: the sandbox is what holds
    with pytest.raises(BenchmarkError, match="SecurityError|unsafe|is undefined"):
        process.ask(
            "build",
            {"wanted": [{"names": ["evil"], "configs": [config], "data": {"evil": {"test": sums(2)}}}]},
        )
    assert not mark.exists()


@needs_lm_eval
def test_an_endless_job_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BenchmarkError, match="did not finish within 0.2 s"):
        process.ask(
            "build", {"wanted": [{"names": ["mc_acc"], "configs": CONFIGS, "data": DATA}]}, timeout_s=0.2
        )


def test_no_secret_reaches_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "OPENAI_API_KEY", "DATABASE_URL", "HF_TOKEN"):
        monkeypatch.setenv(name, "x")
    child = process.environment()
    assert not {"SECRET_KEY", "OPENAI_API_KEY", "DATABASE_URL", "HF_TOKEN"} & set(child)
    assert child["HF_HUB_OFFLINE"] == "1"
