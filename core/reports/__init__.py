"""What people take away: days and their sums, payroll, who is inside; as workbooks, tables and paper."""
