"""Definitions against the data: tables, columns and types as declared, keys unique."""
