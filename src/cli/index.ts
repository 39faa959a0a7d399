/** cli: argv → main, or the operator socket, or offline work on the files. The only room that ends the process. */
