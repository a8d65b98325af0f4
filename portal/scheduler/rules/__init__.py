"""Rules of timed work: which job runs when, and what a run is called."""
