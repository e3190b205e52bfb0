"""What leaves the app: reports, notebooks, the command, and bundles from which a figure is computed again."""
