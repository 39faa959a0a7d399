/**
 * cli: argv → main, or the operator socket, or offline work on the files. The only room that ends the process, with one of
 * the codes in exit-code.ts. commands.ts is the table of all commands.
 */
