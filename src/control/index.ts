/** control: the operator's side. its socket for the command line, the door for people with one table of routes, and the brake. */
