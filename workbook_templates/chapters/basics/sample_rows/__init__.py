"""Rows of the sample company, a module a subject."""
