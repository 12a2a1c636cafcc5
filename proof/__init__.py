"""What `make proof` runs: real processes that are killed, and servers that go away, while people are being told."""
