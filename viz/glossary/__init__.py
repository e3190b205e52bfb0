"""The Glossary page: words of the field, and every quantity that can be shown."""
