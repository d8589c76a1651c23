"""The statistics room's method names in the reader's language, short enough for a table."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LABELS: dict[str, Promise] = {
    "wilson": _("Wilson"),
    "wilson_mean": _("Wilson, measured spread"),
    "clopper_pearson": _("Clopper-Pearson, exact"),
    "student_t": _("Student t"),
    "clustered_t": _("cluster-robust t"),
    "clustered_wilson": _("Wilson, clustered"),
    "one_cluster": _("one cluster: bounds only"),
    "betting": _("betting, valid at any n"),
    "betting_without_replacement": _("betting, without replacement"),
    "bca": _("BCa bootstrap"),
    "bootstrap": _("percentile bootstrap"),
    "tango": _("Tango, paired"),
    "rogan_gladen": _("Rogan-Gladen"),
    "ppi": _("prediction-powered"),
    "sandwich": _("sandwich"),
    "mover": _("MOVER"),
    "delta": _("delta method"),
    "pirt": _("item response"),
}


def label(method: str) -> str:
    """The method in words; a name we have no word for is shown as it is."""
    return str(LABELS.get(method, method))
