"""Pages of change requests: asking, deciding, the list, and handing a milestone over."""
