/** After `npm ci` or `npm install`: notes which lock file is installed, so that bootstrap.mjs need not install again. */
import { copyFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lock = join(root, 'package-lock.json');
const modules = join(root, 'node_modules');
if (existsSync(lock) && existsSync(modules)) copyFileSync(lock, join(modules, '.lanyard-installed'));
