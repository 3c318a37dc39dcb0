"""Jobs on many machines: a queue in PostgreSQL, kept by Procrastinate, and the workers that run its jobs."""
