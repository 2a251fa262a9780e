"""Case files: a project, its rows, a query, an independent check query and one expected table."""
