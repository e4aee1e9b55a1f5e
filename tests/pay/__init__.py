"""What people are paid, month by month: the worked cases of tests/cases/money on two routes, and what holds for any company."""
