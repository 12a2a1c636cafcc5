"""Writing what the import reads: batches and rows on their way, and the plan at the end."""
