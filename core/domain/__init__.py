"""Pure rules: no clock, no threads, no files. What they need is an argument, what they learn is returned."""
