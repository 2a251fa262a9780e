"""Objectives: what KPIs should be."""
