"""A link check for any site: collect → ask → remember → judge → report. See README.md beside this file."""
