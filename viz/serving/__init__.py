"""How the app is served: who is let in, what leaves the server, and what is given back."""
