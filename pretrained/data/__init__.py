"""From files of data to batches: checksums, spelling, padding, intervals."""
