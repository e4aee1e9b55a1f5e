"""What cells mean, between raw cells and rows: which rows are totals and footers, what unit, currency and tax an amount is in, what a
status says, which lines make one order. One set of rules for every importer; the words stand here and nowhere else.
"""
