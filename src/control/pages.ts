import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';

interface Page {
  readonly type: string;
  readonly cache: string;
  readonly bytes: Uint8Array;
  /** Packed by gzip, for a phone where the network is slow; null: it is hardly shorter so. Packed once, when it is first asked for. */
  packed(): Promise<Uint8Array | null>;
}

const pack = promisify(gzip);
/** Below this a packed file takes as many packets as it is. */
const LEAST_PACKED_BYTES = 1024;

/** The console's built files. They are read once, so a path in a request never becomes a path on disk. */
export interface Pages {
  find(path: string): Page | undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

function pageOf(type: string, cache: string, bytes: Uint8Array): Page {
  let packing: Promise<Uint8Array | null> | undefined;
  const packIt = async () => {
    if (bytes.length < LEAST_PACKED_BYTES) return null;
    const short = await pack(bytes, { level: constants.Z_BEST_COMPRESSION });
    return short.length < bytes.length ? short : null;
  };
  return { type, cache, bytes, packed: () => (packing ??= packIt()) };
}

/** `directory`: the console as built; null where there is none. Names with a hash in assets/ never change. */
export function readPages(directory: string): Pages | null {
  let names: string[];
  try {
    names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  } catch {
    return null;
  }
  const pages = new Map<string, Page>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const path = `/${name.replaceAll('\\', '/')}`;
    const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    pages.set(path, pageOf(type, cache, readFileSync(join(directory, name))));
  }
  const index = pages.get('/index.html');
  if (index === undefined) return null;
  // Whatever has no extension is a place in the console itself.
  return { find: (path) => pages.get(path) ?? (extname(path) === '' ? index : undefined) };
}
