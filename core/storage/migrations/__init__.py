"""The schema's history. `python -m core.storage.revise "what changes"` writes the next step."""
