"""`make bench`: how fast the pages are with ten and with a hundred thousand projects, as ratios within one run."""
