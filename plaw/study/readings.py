"""The readings that are compared: for each point that the paper leaves open, the other choices.

All are read off one base, plaw.model.reading.Reading(), and each changes one point; "sister" is the pair of choices in
the co-authors' code of a later paper (Hodassman et al. 2022, doi 10.1038/s41598-022-10466-8). PAIRS change two points:
the scale that fits figure 3 best, and one other.
"""

from dataclasses import replace

from plaw.model.reading import Reading

READINGS = {
    "scale-0.5": Reading(scale=0.5),
    "scale-0.7": Reading(scale=0.7),
    "scale-1.2": Reading(scale=1.2),
    "scale-1.4": Reading(scale=1.4),
    "scale-2": Reading(scale=2.0),
    "scale-3": Reading(scale=3.0),
    "scale-4": Reading(scale=4.0),
    "glorot": Reading(weights="glorot"),
    "deviation-1": Reading(weights="one"),
    "sister": Reading(weights="one", bias=-1.0),
    "bias-minus-1": Reading(bias=-1.0),
    "gain": Reading(amplitude="gain"),
    "no-centring": Reading(amplitude="none"),
    "mean-before": Reading(mean="before"),
    "pixel-range": Reading(pixels="range"),
    "random-labels": Reading(labels="random"),
    "first-step": Reading(velocity="gradient"),
    "softmax": Reading(outputs="softmax"),
    "batch-5": Reading(batch=5),
    "batch-10": Reading(batch=10),
}
PAIRS = {
    f"scale-2-{other}": replace(READINGS[other], scale=2.0)
    for other in ("gain", "no-centring", "softmax", "bias-minus-1", "batch-10", "pixel-range", "random-labels")
}
READINGS |= PAIRS
