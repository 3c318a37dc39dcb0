"""The publishing systems that several outlets share: what their pages and lists have in common."""
