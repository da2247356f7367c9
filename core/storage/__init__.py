"""SQLite storage: the tables, the write side, the read side and their upkeep."""
