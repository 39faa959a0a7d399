import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { fileFault } from '../base/file-fault.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { DoorTls } from '../doors/http/index.ts';
import type { Surroundings } from './in-force/resolve-set.ts';

/**
 * Reads certificate and key, and tries whether they belong together; a sentence where they do not serve. Each is
 * `env:NAME` (PEM text), `file:PATH`, or a path.
 */
export function readTls(
  tls: { readonly cert: string; readonly key: string },
  { configPath, environment }: Pick<Surroundings, 'configPath' | 'environment'>,
): Result<DoorTls, string> {
  const base = dirname(resolve(configPath));
  const read = (name: string) => {
    if (!name.startsWith('env:')) return readFileSync(resolve(base, name.replace(/^file:/, '')), 'utf8');
    const value = environment[name.slice('env:'.length)];
    if (value === undefined || value === '')
      throw new Error(`the environment has no ${name.slice('env:'.length)}`);
    return value;
  };
  try {
    const found = { cert: read(tls.cert), key: read(tls.key) };
    createSecureContext(found);
    return ok(found);
  } catch (error) {
    return err(`certificate and key cannot be used: ${fileFault(error, 'read')}`);
  }
}
