"""Reading papers in: from a table or running text to lines that the import can check. No models, no clock."""
