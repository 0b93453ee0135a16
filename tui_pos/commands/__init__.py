"""The commands beside the counter, a module for each room that they serve: their options, and what they say."""
