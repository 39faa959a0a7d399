/** doors: the only rooms with sockets or pipes to agents and upstreams. Each door turns its wire into attempts and decides nothing. */
