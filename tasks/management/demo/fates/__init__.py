"""What becomes of the projects of this year's plan: each function is one fate, on a stage whose days count from today."""
