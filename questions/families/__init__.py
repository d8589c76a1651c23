"""Parametric questions, one family a file: other numbers for every seed, worked out step by step."""

from evalhub.registry import Entry, Registry
from questions.families.base import Family

_HERE = "questions.families"

FAMILIES: Registry[Family] = Registry(
    "family",
    {
        "a3-ppo-four-model-memory": Entry(
            "Model states of the four models of PPO", f"{_HERE}.ppo_memory.FAMILY"
        ),
        "a4-dpo-loss": Entry("DPO loss of one preference pair", f"{_HERE}.dpo_loss.FAMILY"),
        "a5-grpo-advantage": Entry(
            "Advantage of one answer within its GRPO group", f"{_HERE}.grpo_advantage.FAMILY"
        ),
        "a6-kl-of-two-distributions": Entry(
            "KL divergence of policy and reference on one token", f"{_HERE}.kl_divergence.FAMILY"
        ),
        "a8-majority-vote-accuracy": Entry(
            "Accuracy of a majority vote (self-consistency with two possible answers)",
            f"{_HERE}.majority_vote.FAMILY",
        ),
        "d2-minhash-lsh-probability": Entry(
            "Chance that MinHash LSH brings two documents together", f"{_HERE}.minhash_probability.FAMILY"
        ),
        "d3-mixture-epochs": Entry(
            "How often a small source is repeated in a mixture", f"{_HERE}.mixture_epochs.FAMILY"
        ),
        "d7-padding-waste": Entry(
            "Share of padding in a batch that is not packed", f"{_HERE}.padding_waste.FAMILY"
        ),
        "e1-pass-at-k": Entry("The unbiased estimate of pass@k", f"{_HERE}.pass_at_k.FAMILY"),
        "e2-mcnemar-exact-p": Entry(
            "Exact McNemar test of two models on the same items", f"{_HERE}.mcnemar_p.FAMILY"
        ),
        "e2-paired-sample-size": Entry(
            "Items needed to tell two models apart on the same items", f"{_HERE}.paired_sample_size.FAMILY"
        ),
        "e2-wilson-lower-bound": Entry(
            "Lower end of the Wilson interval of an accuracy", f"{_HERE}.wilson_interval.FAMILY"
        ),
        "e3-cohen-kappa": Entry("Cohen's kappa of a judge and a person", f"{_HERE}.cohen_kappa.FAMILY"),
        "e3-judge-error-correction": Entry(
            "True pass rate behind an imperfect judge (Rogan-Gladen)",
            f"{_HERE}.judge_error_correction.FAMILY",
        ),
        "e4-elo-update": Entry("An Elo rating after one battle", f"{_HERE}.elo_update.FAMILY"),
        "e4-elo-win-probability": Entry(
            "Win probability from a difference of Elo ratings (Bradley-Terry)",
            f"{_HERE}.elo_win_probability.FAMILY",
        ),
        "e5-mean-reciprocal-rank": Entry("MRR over a few queries", f"{_HERE}.mean_reciprocal_rank.FAMILY"),
        "e5-ndcg": Entry("nDCG of one ranking", f"{_HERE}.ndcg.FAMILY"),
        "e10-bleu-brevity-penalty": Entry("BLEU's brevity penalty", f"{_HERE}.bleu_brevity.FAMILY"),
        "f1-attention-score-flops": Entry(
            "FLOPs of the attention scores, against those of the projections",
            f"{_HERE}.attention_flops.FAMILY",
        ),
        "f2-gqa-cache-saving": Entry(
            "Longest common context before and after grouping KV heads", f"{_HERE}.gqa_saving.FAMILY"
        ),
        "f3-rope-base-scaling": Entry(
            "NTK-aware scaling of RoPE's base", f"{_HERE}.rope_base_scaling.FAMILY"
        ),
        "f5-fertility-cost": Entry(
            "What a tokeniser's fertility does to the bill", f"{_HERE}.fertility_cost.FAMILY"
        ),
        "f7-moe-active-parameters": Entry(
            "Active parameters of a mixture-of-experts model", f"{_HERE}.moe_active_parameters.FAMILY"
        ),
        "f9-bits-per-byte": Entry(
            "Bits per byte, which compares models with different tokenisers", f"{_HERE}.bits_per_byte.FAMILY"
        ),
        "f9-perplexity-of-two-texts": Entry("Perplexity of two texts together", f"{_HERE}.perplexity.FAMILY"),
        "i1-kv-cache-memory": Entry(
            "Memory of the KV cache for a batch of sequences", f"{_HERE}.kv_cache_memory.FAMILY"
        ),
        "i2-paged-kv-blocks": Entry(
            "KV blocks that a batch of requests takes", f"{_HERE}.paged_blocks.FAMILY"
        ),
        "i3-score-matrix-memory": Entry(
            "Memory of attention scores that FlashAttention never writes",
            f"{_HERE}.score_matrix_memory.FAMILY",
        ),
        "i4-quantised-size": Entry("Size of weights quantised in groups", f"{_HERE}.quantised_size.FAMILY"),
        "i5-littles-law-replicas": Entry(
            "Replicas needed for a load, by Little's law", f"{_HERE}.littles_law.FAMILY"
        ),
        "i5-serving-concurrency": Entry(
            "Sequences that fit beside the weights", f"{_HERE}.serving_concurrency.FAMILY"
        ),
        "i6-speculative-tokens-per-step": Entry(
            "Expected tokens per step of speculative decoding", f"{_HERE}.speculative_tokens.FAMILY"
        ),
        "i7-softmax-temperature": Entry(
            "Probability of the top token at a temperature", f"{_HERE}.softmax_temperature.FAMILY"
        ),
        "i7-top-p-set-size": Entry("Size of the nucleus in top-p sampling", f"{_HERE}.top_p_set.FAMILY"),
        "i8-decode-speed-by-bandwidth": Entry(
            "Upper bound of decoding speed by memory bandwidth", f"{_HERE}.decode_speed.FAMILY"
        ),
        "i8-request-latency": Entry(
            "Latency of one request: prefill by compute, decode by bandwidth",
            f"{_HERE}.request_latency.FAMILY",
        ),
        "i10-kv-transfer-time": Entry(
            "Moving a prompt's KV cache from a prefill to a decode node", f"{_HERE}.kv_transfer_time.FAMILY"
        ),
        "p2-compute-optimal-size": Entry(
            "Compute-optimal model size for a budget (Chinchilla's rule of thumb)",
            f"{_HERE}.compute_optimal_size.FAMILY",
        ),
        "p6-checkpoint-write-time": Entry(
            "Size and writing time of a training checkpoint", f"{_HERE}.checkpoint_write_time.FAMILY"
        ),
        "p6-young-checkpoint-interval": Entry(
            "Checkpoint interval by Young's formula", f"{_HERE}.checkpoint_interval.FAMILY"
        ),
        "p7-float-spacing": Entry(
            "The gap between neighbouring numbers of a format", f"{_HERE}.float_spacing.FAMILY"
        ),
        "p8-cosine-learning-rate": Entry(
            "Learning rate at a step of warm-up and cosine decay", f"{_HERE}.cosine_learning_rate.FAMILY"
        ),
        "p9-six-nd-compute": Entry("Training compute by 6ND", f"{_HERE}.six_nd_compute.FAMILY"),
        "p9-training-days": Entry(
            "Days of training on N GPUs at a given MFU", f"{_HERE}.training_days.FAMILY"
        ),
        "s1-fine-tuning-steps": Entry("Optimiser steps of a fine-tuning run", f"{_HERE}.sft_steps.FAMILY"),
        "s2-lora-parameters": Entry(
            "Trainable parameters of LoRA on chosen matrices", f"{_HERE}.lora_parameters.FAMILY"
        ),
        "s3-qlora-memory": Entry("Weights and trainable states of QLoRA", f"{_HERE}.qlora_memory.FAMILY"),
        "s9-optimiser-memory": Entry(
            "Training states under different optimisers", f"{_HERE}.optimiser_memory.FAMILY"
        ),
        "s10-vocabulary-extension-parameters": Entry(
            "Parameters added by a larger vocabulary", f"{_HERE}.vocabulary_extension.FAMILY"
        ),
        "u1-rag-accuracy-by-stage": Entry(
            "End-to-end accuracy of a RAG pipeline, stage by stage", f"{_HERE}.rag_accuracy.FAMILY"
        ),
        "u2-chunk-count": Entry("Number of overlapping chunks of a document", f"{_HERE}.chunk_count.FAMILY"),
        "u3-hnsw-index-memory": Entry("Memory of an HNSW index", f"{_HERE}.hnsw_memory.FAMILY"),
        "u3-ivf-pq-size": Entry("Size of an IVF-PQ index", f"{_HERE}.pq_compression.FAMILY"),
        "u12-cost-per-thousand-requests": Entry(
            "Cost of a thousand requests with a cached prefix", f"{_HERE}.request_cost.FAMILY"
        ),
        "w1-accumulation-steps": Entry(
            "Gradient accumulation steps for a token budget", f"{_HERE}.accumulation_steps.FAMILY"
        ),
        "w2-tensor-parallel-volume": Entry(
            "Communication of tensor parallelism in one step", f"{_HERE}.tensor_parallel_volume.FAMILY"
        ),
        "w3-pipeline-bubble": Entry(
            "Idle share of a pipeline (GPipe or non-interleaved 1F1B)", f"{_HERE}.pipeline_bubble.FAMILY"
        ),
        "w4-least-zero-stage": Entry(
            "The lowest ZeRO stage whose model states fit", f"{_HERE}.least_zero_stage.FAMILY"
        ),
        "w4-zero-memory": Entry(
            "Model states a GPU holds under ZeRO stages 0 to 3", f"{_HERE}.zero_memory.FAMILY"
        ),
        "w8-ring-all-reduce-time": Entry(
            "Time of a ring all-reduce of the gradients", f"{_HERE}.ring_all_reduce.FAMILY"
        ),
        "w9-activation-memory": Entry(
            "Activation memory of a transformer trained without recomputation",
            f"{_HERE}.activation_memory.FAMILY",
        ),
        "w9-checkpointed-activations": Entry(
            "Activation memory with full recomputation of every layer",
            f"{_HERE}.checkpointed_activations.FAMILY",
        ),
        "w9-global-batch-tokens": Entry(
            "Tokens in a global batch under 3D parallelism", f"{_HERE}.global_batch.FAMILY"
        ),
        "w10-gemm-arithmetic-intensity": Entry(
            "Arithmetic intensity of a matrix product", f"{_HERE}.arithmetic_intensity.FAMILY"
        ),
        "w10-roofline-decode": Entry(
            "Whether a decode step is bound by compute or by bandwidth, and by how much",
            f"{_HERE}.roofline_bound.FAMILY",
        ),
    },
)
