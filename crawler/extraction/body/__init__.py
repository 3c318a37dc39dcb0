"""The text of a page: blocks, the rules that drop some of them, and the candidates for the container."""
