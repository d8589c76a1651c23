"""The end of a run: its numbers, then the boards that show them. Safe to repeat, and to run twice at once."""

from evalhub.boards.services import refresh_for_run
from evalhub.runs.benchmarks import score_benchmarks
from evalhub.runs.finish import finish_run


def finish(run_id: int) -> bool:
    """Finish the run if all its shards are done, and refresh its boards; False where it is not ready for that."""
    if not score_benchmarks(run_id) or not finish_run(run_id):
        return False
    refresh_for_run(run_id)
    return True
