"""Cost of a thousand requests with a cached prefix."""

from questions.families.base import Family, Params, Reference, Solved, Text


def solve(p: Params) -> Solved:
    fresh = p["prompt"] - p["cached"]
    cost_fresh = fresh * p["price_in"]
    cost_cached = p["cached"] * p["price_in"] * p["discount"] / 100
    cost_out = p["output"] * p["price_out"]
    total = (cost_fresh + cost_cached + cost_out) / 1000
    steps = {
        "fresh": fresh,
        "cost_fresh": cost_fresh / 1000,
        "cost_cached": cost_cached / 1000,
        "cost_out": cost_out / 1000,
    }
    return Solved(total, "USD", steps)


def verify(p: Params) -> float:
    """Price every token of one request, then a thousand requests."""
    per_token = p["price_in"] / 1e6
    one = (
        per_token * p["prompt"]
        - per_token * p["cached"] * (1 - p["discount"] / 100)
        + p["output"] * p["price_out"] / 1e6
    )
    return float(1000 * one)


FAMILY = Family(
    id="u12-cost-per-thousand-requests",
    topic="U12",
    difficulty=1,
    stage=4,
    parameters={
        "prompt": [1800, 2400, 3200, 4500, 6000],
        "cached": [500, 800, 1200, 1500],
        "output": [150, 250, 400, 600],
        "price": [
            {"price_in": 0.27, "price_out": 1.1},
            {"price_in": 0.5, "price_out": 2},
            {"price_in": 1.25, "price_out": 10},
            {"price_in": 2.5, "price_out": 10},
            {"price_in": 3, "price_out": 15},
        ],
        "discount": [10, 25, 50],
    },
    solve=solve,
    verify=verify,
    stem=Text(
        zh="一次请求平均提示 {prompt} 个 token（其中 {cached} 个命中前缀缓存，按输入价的 {discount}% 计费），"
        "输出 {output} 个 token。价格：输入 {price_in} 美元、输出 {price_out} 美元，每百万 token。1000 次"
        "请求多少美元？",
        en="A request has {prompt} prompt tokens on average, of which {cached} hit the prefix cache and "
        "are billed at {discount}% of the input price, and {output} output tokens. Prices per million "
        "tokens: {price_in} USD in, {price_out} USD out. How many USD do 1000 requests cost?",
    ),
    solution=Text(
        zh="未命中的提示 {prompt} - {cached} = {fresh} 个，1000 次共 {cost_fresh} 美元；命中部分 "
        "{cost_cached} 美元；输出 {cost_out} 美元。合计 {value} 美元。输出单价高几倍，先看能不能缩短输出"
        "。",
        en="{prompt} - {cached} = {fresh} prompt tokens miss the cache: {cost_fresh} USD for 1000 "
        "requests; those that hit cost {cost_cached} USD, the output {cost_out} USD. Together {value} "
        "USD. Output tokens cost several times more; see first whether answers can be shorter.",
    ),
    low=0.2,
    high=30,
    references=[Reference("DeepSeek, Context caching", "https://api-docs.deepseek.com/guides/kv_cache")],
)
