import { Buffer } from './buffer.ts';

/** Imported before anything of src/ledger, which finds its Buffer where Node has one. */
Object.assign(globalThis, { Buffer });
