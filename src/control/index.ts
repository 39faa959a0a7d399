/** control: the operator's side. For now the socket of the instance, which the command line speaks to. */
