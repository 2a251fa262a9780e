"""Lexicons on one's own tables: bindings applied, and what of a lexicon they make available."""
