"""Whether attention explains an answer, tested by intervention."""
