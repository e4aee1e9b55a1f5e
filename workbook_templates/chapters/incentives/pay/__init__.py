"""What people are paid: facts → movements → accounts, one way for sheet, action, statement and check (money.md).

Pure: typed facts in, ledger rows and accounts out. What is settled is never touched; everything else follows from the facts.
"""
