import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSTALLATION } from './installation.ts';

const manifest = JSON.parse(readFileSync(join(INSTALLATION, 'package.json'), 'utf8')) as { version: string };

/** The version of this program, as its package says it. */
export const VERSION = manifest.version;
