"""Published or textbook numbers, each worked by the family that asks for it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from scipy.stats import binomtest

from questions.families import FAMILIES
from questions.families.base import Solved


def solved(name: str, **params: Any) -> Solved:
    return FAMILIES[name].solve(params)


def value(name: str, **params: Any) -> float:
    return solved(name, **params).value


LLAMA_2_7B = {"layers": 32, "kv_heads": 32, "head_size": 128, "bytes": 2}
LLAMA_3_8B = {"layers": 32, "kv_heads": 8, "head_size": 128, "bytes": 2}


def test_kv_cache_of_llama_2_7b_is_half_a_mib_a_token_and_2_gib_at_4096():
    result = solved("i1-kv-cache-memory", **LLAMA_2_7B, tokens=4096, batch=1)
    assert (result.steps["per_token"], result.value, result.unit) == (524_288, 2.0, "GiB")


def test_kv_cache_of_llama_3_8b_is_a_quarter_of_it():
    result = solved("i1-kv-cache-memory", **LLAMA_3_8B, tokens=4096, batch=1)
    assert (result.steps["per_token"], result.value) == (131_072, 0.5)


def test_model_states_of_7b_are_112_gb_and_zero_paper_figures():
    assert value("w4-zero-memory", billions=7, zero=0, gpus=8) == 112
    # ZeRO paper, figure 1: 7.5B on 64 GPUs: 120, 31.4, 16.6, 1.88 GB
    sizes = [value("w4-zero-memory", billions=7.5, zero=zero, gpus=64) for zero in range(4)]
    assert sizes == pytest.approx([120, 31.4, 16.6, 1.88], abs=0.05)


def test_ppo_with_four_7b_models_takes_252_gb():
    assert value("a3-ppo-four-model-memory", policy=7, critic=7) == 252


def test_gpt_3_took_3_15e23_flop():
    assert value("p9-six-nd-compute", billions=175, btokens=300) == pytest.approx(3.15e23)


def test_fp16_weights_of_70b_are_140_gb():
    result = solved("i8-decode-speed-by-bandwidth", billions=70, bits=16, cache=0, bandwidth=2800)
    assert (result.steps["weights"], result.value) == (140, 20)


def test_lora_rank_8_on_q_and_v_of_llama_2_7b_has_4_2_million():
    count = value("s2-lora-parameters", layers=32, hidden=4096, inner=11008, squares=2, wides=0, rank=8)
    assert count == 4_194_304


def test_mixtral_has_12_9_billion_active():
    shape = {"layers": 32, "hidden": 4096, "inner": 14336, "experts": 8, "chosen": 2, "shared": 0}
    assert value("f7-moe-active-parameters", **shape, rest=1.6) == pytest.approx(12.9e9, rel=0.005)


def test_chinchilla_70b_on_1_4_trillion_tokens():
    result = solved("p2-compute-optimal-size", budget=5.76e23, ratio=20)
    assert result.value == pytest.approx(70e9, rel=0.02)
    assert result.steps["tokens_b"] == pytest.approx(1400, rel=0.02)


def test_speculative_decoding_of_leviathan():
    # alpha 0.8 with 5 drafts: (1 - 0.8^6) / 0.2
    assert value("i6-speculative-tokens-per-step", accepted=80, drafts=5) == pytest.approx(3.68928)


def test_wilson_of_newcombe():
    # Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662
    assert value("e2-wilson-lower-bound", right=81, items=263) == pytest.approx(0.2553, abs=5e-5)


def test_pass_at_k_by_hand():
    # 10 samples, 3 right, 5 drawn: 1 - C(7,5)/C(10,5) = 1 - 21/252
    assert value("e1-pass-at-k", samples=10, passed=3, k=5) == pytest.approx(1 - 21 / 252)


@pytest.mark.parametrize(("points", "items"), [(1, 11_766), (2, 2_936), (3, 1_301), (5, 464)])
def test_items_for_80_per_cent_power_at_15_per_cent_discordant(points, items):
    assert value("e2-paired-sample-size", points=points, percent=15) == items


def test_mcnemar_of_five_to_nothing():
    assert value("e2-mcnemar-exact-p", only_a=5, only_b=0, both=1, neither=1) == 2 / 2**5


def test_kappa_of_a_textbook_table():
    # 50 grant proposals: 20 yes-yes, 5 and 10 apart, 15 no-no; 0.7 observed, 0.5 by chance
    result = solved("e3-cohen-kappa", yes_yes=20, yes_no=5, no_yes=10, no_no=15)
    assert result.value == pytest.approx(0.4)
    assert result.steps["expected"] == pytest.approx(0.5)


def test_four_hundred_elo_points_are_ten_to_one():
    assert value("e4-elo-win-probability", first=1400, second=1000) == pytest.approx(10 / 11)


@pytest.mark.parametrize(
    ("percent", "found"),
    [(20, 0.006), (30, 0.047), (40, 0.186), (50, 0.470), (60, 0.802), (70, 0.975), (80, 0.9996)],
)
def test_minhash_table_of_mining_of_massive_datasets(percent, found):
    assert value("d2-minhash-lsh-probability", percent=percent, bands=20, rows=5) == pytest.approx(
        found, abs=6e-4
    )


def test_double_quantisation_costs_0_127_bits():
    result = solved("s3-qlora-memory", billions=65, adapter=0)
    assert result.steps["constant"] == pytest.approx(0.127, abs=5e-4)


def test_dcg_of_a_textbook_ranking():
    # grades 3 2 3 0 1 2: DCG 6.861
    assert solved("e5-ndcg", grades=[3, 2, 3, 0, 1, 2]).steps["dcg"] == pytest.approx(6.861, abs=5e-4)


def test_gpipe_with_four_stages_and_four_micro_batches():
    assert value("w3-pipeline-bubble", stages=4, micro=4) == pytest.approx(300 / 7)


def test_bf16_spacing_at_one_is_2_to_the_minus_7():
    assert value("p7-float-spacing", weight=1.0, mantissa=7) == 0.0078125
    assert value("p7-float-spacing", weight=1.0, mantissa=10) == 0.0009765625


def test_dpo_loss_at_no_margin_is_ln_2():
    same = {"chosen": -40, "chosen_ref": -40, "rejected": -50, "rejected_ref": -50}
    assert value("a4-dpo-loss", **same, beta=0.1) == pytest.approx(math.log(2))


def test_awq_style_4_bit_with_groups_of_128_is_4_25_bits():
    result = solved("i4-quantised-size", billions=7, bits=4, group=128, scale_bits=16, zero_bits=16)
    assert (result.steps["bits_each"], result.value) == (4.25, 3.71875)


def test_hnsw_of_the_faiss_wiki():
    # (d * 4 + M * 2 * 4) bytes per vector
    assert value("u3-hnsw-index-memory", millions=1, dimensions=128, m=32) == pytest.approx(0.768)


def test_a_hundred_gpus_with_mfu_100_take_their_peak():
    flop = 6 * 1e9 * 1e9
    days = value("p9-training-days", billions=1, btokens=1, gpus=1, tflops=100, mfu=100)
    assert days == pytest.approx(flop / 1e14 / 86400)


def test_uniform_logits_share_evenly():
    assert value("i7-softmax-temperature", a=1.0, b=1.0, c=1.0, temperature=0.7) == pytest.approx(1 / 3)


def test_two_gpus_send_the_gradients_once():
    # N = 2: 2 (N - 1) / N = 1
    assert value("w8-ring-all-reduce-time", billions=1, bytes=2, gpus=2, bandwidth=2) == pytest.approx(1000)


@pytest.mark.parametrize(("right", "items"), [(30, 40), (39, 200), (81, 263)])
def test_wilson_is_scipys(right, items):
    low = binomtest(right, items).proportion_ci(method="wilson").low
    assert value("e2-wilson-lower-bound", right=right, items=items) == pytest.approx(low)


@pytest.mark.parametrize(("only_a", "only_b"), [(14, 5), (27, 12), (9, 9), (3, 21)])
def test_mcnemar_is_scipys_binomial_test(only_a, only_b):
    found = value("e2-mcnemar-exact-p", only_a=only_a, only_b=only_b, both=1, neither=1)
    assert found == pytest.approx(binomtest(only_a, only_a + only_b).pvalue)
