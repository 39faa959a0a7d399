import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ForgeState } from './servers/forge-state.ts';
import { Site } from './servers/site.ts';

/** A directory of the demo's own: the configuration, what the servers remember, and Lanyard's state. */
export interface Place {
  readonly directory: string;
  readonly config: string;
  /** What the servers remember, read past them and past Lanyard: what really happened. */
  readonly forge: ForgeState;
  readonly site: Site;
  remove(): void;
}

/** Copies the configuration, and the `policies` beside it where there are any, into a new directory. */
export function makePlace(configuration: string): Place {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-demo-')));
  const config = join(directory, 'lanyard.yaml');
  cpSync(configuration, config);
  const policies = join(dirname(configuration), 'policies');
  if (existsSync(policies)) cpSync(policies, join(directory, 'policies'), { recursive: true });
  symlinkSync(join(import.meta.dirname, 'servers'), join(directory, 'servers'));
  return {
    directory,
    config,
    forge: new ForgeState(join(directory, 'world', 'forge')),
    site: new Site(join(directory, 'world', 'site')),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
