"""What figures share: axes, marks, orders, playback."""
