"""Mails: written in the transaction of what they tell of, sent after it by a job."""
