"""Pages that try to break extraction: monsters and mutations of good pages (`make fuzz`)."""
