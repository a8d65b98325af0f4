"""Rules of mails: who can be written to, what a letter is made of, when to try again."""
