/** approval: the life of one question to people, a reducer bound to a digest; who may answer it, and when enough have. Pure. */
