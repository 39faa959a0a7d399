/** Crockford's base 32: without letters that are taken for one another. By itself, since the console's verifier reads it too. */
export const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
