/** main: the composition root. A configuration goes in; everything is built here, and this is the order of start and stop. */
