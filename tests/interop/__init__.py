"""Our archives in other people's programs (`make interop`)."""
