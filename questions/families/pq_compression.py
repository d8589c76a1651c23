"""Size of an IVF-PQ index."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    code = p["pieces"] * p["bits"] / 8
    codes = p["millions"] * 1e6 * (code + 8)
    centroids = p["lists"] * p["dimensions"] * 4
    codebook = 2 ** p["bits"] * p["dimensions"] * 4
    steps = {
        "code": code,
        "codes_mb": codes / 1e6,
        "centroids_mb": centroids / 1e6,
        "codebook_mb": codebook / 1e6,
    }
    return Solved((codes + centroids + codebook) / 1e6, "MB", steps)


def verify(p: Params) -> float:
    """In bits: codes and ids of all vectors, then both tables of float32."""
    bits = p["millions"] * 10**6 * (p["pieces"] * p["bits"] + 64)
    sub_size = p["dimensions"] // p["pieces"]
    bits += p["pieces"] * 2 ** p["bits"] * sub_size * 32
    bits += p["lists"] * p["dimensions"] * 32
    return float(bits / 8e6)


FAMILY = Family(
    id="u3-ivf-pq-size",
    topic="U3",
    difficulty=3,
    stage=2,
    parameters={
        "millions": [1, 2, 5, 10, 20, 50, 100],
        "dimensions": [384, 768, 1024, 1536],
        "pieces": [16, 32, 48, 64, 96],
        "bits": [8],
        "lists": [1024, 4096, 16384],
    },
    accept=lambda p: p["dimensions"] % p["pieces"] == 0,
    solve=solve,
    verify=verify,
    stem=Text(
        zh="{millions} 百万个 {dimensions} 维向量存入 IVF-PQ：每个向量分 {pieces} 段、每段 {bits} 位编码，另"
        "存 8 字节 id;{lists} 个倒排中心和 PQ 码本都是 float32。索引共多少 MB(10^6 字节)?",
        en="{millions} million vectors of {dimensions} dimensions are stored by IVF-PQ: {pieces} pieces "
        "of {bits} bits each and an id of 8 bytes a vector; the {lists} list centroids and the PQ "
        "codebook are float32. How many MB (10^6 bytes) is the index?",
    ),
    solution=Text(
        zh="每个编码 {pieces} × {bits}/8 = {code} 字节，加 id 8 字节，共 {codes_mb} MB。倒排中心 {lists} × "
        "{dimensions} × 4 字节 = {centroids_mb} MB，码本 2^{bits} × {dimensions} × 4 字节 = "
        "{codebook_mb} MB。合计 {value} MB。",
        en="A code takes {pieces} × {bits}/8 = {code} bytes, with its id all of them {codes_mb} MB. "
        "Centroids: {lists} × {dimensions} × 4 bytes = {centroids_mb} MB; codebook: 2^{bits} × "
        "{dimensions} × 4 bytes = {codebook_mb} MB. Together {value} MB.",
    ),
    low=20,
    high=12000,
    references=[
        Reference("Jégou et al. 2011, Product quantization", "https://doi.org/10.1109/TPAMI.2010.57"),
        Reference(
            "Faiss, Guidelines to choose an index",
            "https://github.com/facebookresearch/faiss/wiki/Guidelines-to-choose-an-index",
        ),
    ],
)
