"""Who may do what with the papers of the cycles, and why not."""
