"""What was measured about the shipped models, beside their scores."""
