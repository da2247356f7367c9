"""How close two people come to being taken for one another."""

NEAR_MARGINS = 2.0
"""So many margins below the threshold another photo of either may well reach it."""


def is_near(similarity: float, threshold: float, margin: float) -> bool:
    """Whether somebody this alike is worth a warning: at the threshold, or not far below it."""
    return similarity >= threshold - NEAR_MARGINS * margin
