"""Interfaces of web archives: CDX, Memento, records, replay, Atom."""
