import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The directory that this program is installed in: what holds src/, packs/ and package.json. */
export const INSTALLATION = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export const SHIPPED_PACKS = join(INSTALLATION, 'packs');

/** What of the installation belongs to Lanyard itself. Named one by one: a person's workspace may lie beside them. */
export const OWN_CODE = [
  'src',
  'dist',
  'node_modules',
  'packs',
  'scripts',
  'console',
  'lanyard',
  'package.json',
  '.git',
].map((name) => join(INSTALLATION, name));

/** `./lanyard` itself, as a program. */
export const LAUNCHER = join(INSTALLATION, 'lanyard');
