"""Answers from documents, with sources or not at all."""
