"""The JSON door to the ledger: the same sight, the same actions and the same refusals as the pages."""
