"""The shape of what people type; the actions decide."""
