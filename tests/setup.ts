import fc from 'fast-check';

/**
 * Random cases are the same in every run, so that a change is judged by itself; `LANYARD_SEED=N npm test` looks
 * elsewhere. Whatever another seed finds becomes a named case.
 */
const seed = Number(process.env['LANYARD_SEED'] ?? 20_261_121);
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
