"""The JSON door: signing in with a token, how answers and refusals look."""
