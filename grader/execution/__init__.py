"""Everything that knows about processes: protocol, fork server, worker, observation, limits, cache."""
