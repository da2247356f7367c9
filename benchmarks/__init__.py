"""Measurements on recordings whose truth is known; not part of the programs."""
