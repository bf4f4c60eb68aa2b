"""Mentions: who of those one knows is named in a customer's free words, to be suggested and never acted on alone."""

from feedback.core.mentions.finding import Known, Mention, mentions, nicknames, suggested

__all__ = ["Known", "Mention", "mentions", "nicknames", "suggested"]
