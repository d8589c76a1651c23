"""Item response theory: calibrate items (`fit_1pl`, `fit_2pl`, `fit_grm`), place persons (`eap`), weigh items
(`information`). Numbers to test against: LSAT6 and LSAT7.
"""

from questions.psychometrics.irt.ability import (
    Abilities,
    Calibrated,
    KnownItems,
    eap,
    information,
    items_of,
)
from questions.psychometrics.irt.fit import (
    GradedParameters,
    ItemParameters,
    fit_1pl,
    fit_2pl,
    fit_grm,
)
from questions.psychometrics.irt.prior import PRODUCT_PRIOR, Prior

__all__ = [
    "PRODUCT_PRIOR",
    "Abilities",
    "Calibrated",
    "GradedParameters",
    "ItemParameters",
    "KnownItems",
    "Prior",
    "eap",
    "fit_1pl",
    "fit_2pl",
    "fit_grm",
    "information",
    "items_of",
]
