"""What the workbench reads: piles of work, their rows, the office at a glance."""
