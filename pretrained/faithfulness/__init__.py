"""Is attention an explanation? Measured on unseen sentences for every model that attends, and judged by one rule."""
