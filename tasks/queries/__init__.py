"""Reads over several models; nothing here writes."""
