"""Commands that span features: backups, demo data, jobs."""
