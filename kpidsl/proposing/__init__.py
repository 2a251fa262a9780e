"""Bindings proposed from the tables that a connection has."""
