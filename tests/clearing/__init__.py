"""What was collected, split and netted."""
