"""Memory of an HNSW index."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    vector, links = 4 * p["dimensions"], 2 * p["m"] * 4
    each = vector + links
    return Solved(p["millions"] * 1e6 * each / 1e9, "GB", {"vector": vector, "links": links, "each": each})


def verify(p: Params) -> float:
    """Two arrays: float32 coordinates, and the int32 neighbours of the bottom layer."""
    count = p["millions"] * 1_000_000
    coordinates, neighbours = count * p["dimensions"], count * 2 * p["m"]
    return float((coordinates + neighbours) * 4 / 1e9)


FAMILY = Family(
    id="u3-hnsw-index-memory",
    topic="U3",
    difficulty=2,
    stage=2,
    parameters={
        "millions": [1, 2, 5, 10, 20, 50, 100],
        "dimensions": [384, 512, 768, 1024, 1536],
        "m": [16, 24, 32, 48, 64],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="为 {millions} 百万个 {dimensions} 维 float32 向量建 HNSW 索引，M = {m}。按每个向量 4d + 2M × 4 "
        "字节估算（底层每点 2M 个邻居，上层忽略），需要多少 GB(10^9 字节)内存？",
        en="An HNSW index with M = {m} holds {millions} million float32 vectors of {dimensions} "
        "dimensions. At 4d + 2M × 4 bytes a vector (2M neighbours on the bottom layer, upper layers "
        "ignored), how many GB (10^9 bytes) of memory does it take?",
    ),
    solution=Text(
        zh="向量 4 × {dimensions} = {vector} 字节，邻居 2 × {m} × 4 = {links} 字节，每条 {each} 字节。"
        "{millions}×10^6 × {each} / 10^9 = {value} GB。主要是原始向量；放不下时考虑量化（PQ、SQ）或磁盘索"
        "引。",
        en="The vector takes 4 × {dimensions} = {vector} bytes, its neighbours 2 × {m} × 4 = {links}, "
        "together {each}. {millions}×10^6 × {each} / 10^9 = {value} GB. Raw vectors weigh most; if "
        "they do not fit, quantise (PQ, SQ) or use an index on disk.",
    ),
    low=1,
    high=700,
    references=[
        Reference(
            "Faiss, Guidelines to choose an index",
            "https://github.com/facebookresearch/faiss/wiki/Guidelines-to-choose-an-index",
        ),
        Reference("Malkov and Yashunin 2016, HNSW", "https://arxiv.org/abs/1603.09320"),
    ],
)
