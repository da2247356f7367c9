"""Face detection and embedding behind two small protocols."""
