"""The ledger: what it may be asked, which lines are left, and what stands on one page of them."""
