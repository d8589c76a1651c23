"""A run as rows: Run, its Shards (leased to workers), Intents, Answers, Grades, Cells; and the Workers."""

from evalhub.runs.models.answer import Answer, Grade, Intent
from evalhub.runs.models.benchmark import BenchmarkScore, BenchmarkScoring
from evalhub.runs.models.cell import Cell
from evalhub.runs.models.run import Run, RunStatus, Shard, ShardStatus
from evalhub.runs.models.worker import Worker

__all__ = [
    "Answer",
    "BenchmarkScore",
    "BenchmarkScoring",
    "Cell",
    "Grade",
    "Intent",
    "Run",
    "RunStatus",
    "Shard",
    "ShardStatus",
    "Worker",
]
