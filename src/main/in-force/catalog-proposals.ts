import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadCatalogs } from '../../catalog/reading/catalog-file.ts';
import type { Configuration, UpstreamConfiguration } from '../configuration/shape.ts';
import { INSTALLATION } from '../installation.ts';
import type { SetFile } from './rule-set.ts';

/** An upstream without a catalog, and the catalogs that were written for such a server. */
interface CatalogProposal {
  readonly upstream: string;
  readonly catalogs: readonly string[];
}

/**
 * Which catalogs fit upstreams that name none, by the program or address that a person configured (`match:`), never by
 * what a server says of itself. A word to a person; nothing is in use by it. `files`: those at hand, shipped ones too.
 */
export function proposeCatalogs(
  upstreams: Configuration['upstreams'],
  base: string,
  files: () => readonly SetFile[],
): CatalogProposal[] {
  const without = Object.entries(upstreams).filter(([, { catalog }]) => catalog === undefined);
  if (without.length === 0) return [];
  const all = files();
  return without.flatMap(([upstream, configured]) => {
    const names = new Set(namesOf(configured, base).flatMap((name) => fitting(name, all)));
    return names.size === 0 ? [] : [{ upstream, catalogs: [...names] }];
  });
}

/** Only files whose `match` holds the word are parsed: all that is shipped would be felt at each start. */
function fitting(name: string, files: readonly SetFile[]): readonly string[] {
  const word = URL.canParse(name) && /^https?:/.test(name) ? new URL(name).host : name;
  return files.flatMap((file) => {
    if (MATCH.exec(file.text)?.[0].includes(word) !== true) return [];
    const read = loadCatalogs([file]);
    return read.ok ? read.value.propose(name) : [];
  });
}

const MATCH = /^match:.*(?:\n[ \t].*)*/m;

/** The address; or what in a command could be a package or an image, without its version. */
function namesOf({ url, command = [] }: UpstreamConfiguration, base: string): string[] {
  if (url !== undefined) return [url];
  const [program = ''] = command;
  const words = command.slice(1).flatMap((word) => PACKAGE.exec(word)?.[1] ?? []);
  return [...packageOf(program, base), ...words];
}

const PACKAGE = /^((?:@[\w.-]+\/)?[\w.-]+(?:\/[\w.-]+)*)(?:[@:][\w.^~-]+)?$/;

/** The package whose program it is, where the link in `node_modules/.bin` says so. */
function packageOf(program: string, base: string): string[] {
  for (const from of [base, INSTALLATION]) {
    try {
      const real = realpathSync(resolve(from, program));
      const found = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(real)?.[1];
      if (found !== undefined) return [found];
    } catch {
      // Not there: it may be a program on the PATH.
    }
  }
  const bare = PACKAGE.exec(program)?.[1];
  return bare === undefined ? [] : [bare];
}
