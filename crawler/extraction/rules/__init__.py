"""The rules that drop blocks."""
