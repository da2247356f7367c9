"""What the worker and the dashboard share: settings, domain rules and storage."""
