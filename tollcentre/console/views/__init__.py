"""Pages, one module per domain of the same name."""
