"""Little stories of people, places, things and times, each with a question and the sentences that answer it."""
