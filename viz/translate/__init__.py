"""The Translate page: what stands where, and the choices that a person makes there."""
