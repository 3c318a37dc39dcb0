"""Our archives in other people's programs; run by `make interop`."""
