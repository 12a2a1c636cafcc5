"""Papers made from what is stored: sheets and documents to download."""
