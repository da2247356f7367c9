"""A month of a site whose every figure is known: made up, told as facts, judged, and compared."""
