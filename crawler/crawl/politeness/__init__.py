"""How hosts are asked: by robots.txt, one request at a time, no faster than they bear."""
