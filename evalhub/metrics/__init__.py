"""What is measured on the answers of a run: one metric a file, and detectors of degenerate output.

A metric takes a Sheet and a level and returns an Interval, or None where there is no data. A detector takes
an Output and returns a Finding, or None where the output is sound.
"""

from evalhub.metrics.detectors.output import Detector
from evalhub.metrics.sheet import Metric
from evalhub.registry import Entry, Registry

METRICS: Registry[Metric] = Registry(
    "metric",
    {
        "accuracy": Entry("Accuracy", "evalhub.metrics.accuracy.measure"),
        "macro_accuracy": Entry("Accuracy, mean of groups", "evalhub.metrics.macro_accuracy.measure"),
        "answered_accuracy": Entry(
            "Accuracy of what was answered", "evalhub.metrics.answered_accuracy.measure"
        ),
        "above_chance": Entry("Accuracy above chance", "evalhub.metrics.above_chance.measure"),
        "exact_match": Entry("Exact match", "evalhub.metrics.exact_match.measure"),
        "consistency": Entry("Same verdict in every repeat", "evalhub.metrics.consistency.measure"),
        "always_correct": Entry("Right in every repeat", "evalhub.metrics.always_correct.measure"),
        "correct": Entry("Correct", "evalhub.metrics.outcome_rates.correct"),
        "partly": Entry("Partly correct", "evalhub.metrics.outcome_rates.partly"),
        "wrong": Entry("Wrong", "evalhub.metrics.outcome_rates.wrong"),
        "truncated": Entry("Truncated", "evalhub.metrics.outcome_rates.truncated"),
        "empty": Entry("Empty", "evalhub.metrics.outcome_rates.empty"),
        "refused": Entry("Refused", "evalhub.metrics.outcome_rates.refused"),
        "invalid": Entry("No answer found", "evalhub.metrics.outcome_rates.invalid"),
        "failed": Entry("Failed", "evalhub.metrics.outcome_rates.failed"),
        "repeater": Entry("Repeats itself", "evalhub.metrics.flag_rates.repeater"),
        "mute": Entry("Mute", "evalhub.metrics.flag_rates.mute"),
        "never_stops": Entry("Never stops", "evalhub.metrics.flag_rates.never_stops"),
        "garbled": Entry("Garbled", "evalhub.metrics.flag_rates.garbled"),
        "copied_prompt": Entry("Copies the prompt", "evalhub.metrics.flag_rates.copied_prompt"),
    },
)

DETECTORS: Registry[Detector] = Registry(
    "detector",
    {
        "repeater": Entry("Repeats itself", "evalhub.metrics.detectors.repeater.detect"),
        "mute": Entry("Mute", "evalhub.metrics.detectors.mute.detect"),
        "never_stops": Entry("Never stops", "evalhub.metrics.detectors.never_stops.detect"),
        "garbled": Entry("Garbled", "evalhub.metrics.detectors.garbled.detect"),
        "copied_prompt": Entry("Copies the prompt", "evalhub.metrics.detectors.copied_prompt.detect"),
    },
)
