"""Generators of documentation, one module each."""
