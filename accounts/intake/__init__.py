"""Reading a list of staff: what its rows say, and what they become beside the people already known. Pure."""
