"""Every write of the accounts app, one event each."""
