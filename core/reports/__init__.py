"""What HR takes away each month: people's days and their sums, as a workbook."""
