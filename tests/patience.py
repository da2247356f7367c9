"""How long a test waits for what must come."""

PATIENCE_S = 120.0
"""Another job may hold this machine's cores meanwhile; only a test that fails waits this long."""
PATIENCE_MS = 1000 * PATIENCE_S
