"""Stand-ins for warehouses: what a test of all of them asks of each."""
