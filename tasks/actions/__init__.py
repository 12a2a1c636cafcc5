"""Every write of the tasks app: one call, one transaction, one event (bulk acts: one per project)."""
