"""The notifier, a supervised program of its own: it watches cameras and programs and tells of alerts."""
