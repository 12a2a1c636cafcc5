"""What every test can ask for: the machinery of `nets` and `browsing`, and the cast."""

pytest_plugins = ["tests.nets", "tests.browsing"]
