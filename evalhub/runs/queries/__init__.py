"""What the pages of runs show, read in a fixed number of queries: lines of a list, a run's results, its answers."""

from evalhub.runs.queries.answers import AnswerFilter, AnswerView, answer_view, neighbours
from evalhub.runs.queries.lines import RunLine, run_page, with_scores
from evalhub.runs.queries.results import RunResults, run_results

__all__ = [
    "AnswerFilter",
    "AnswerView",
    "RunLine",
    "RunResults",
    "answer_view",
    "neighbours",
    "run_page",
    "run_results",
    "with_scores",
]
