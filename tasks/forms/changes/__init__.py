"""What is written with a change: asking for it, deciding it, finding it again."""
