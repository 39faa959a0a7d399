import { createServer } from 'node:net';
import { splitAddress } from './address.ts';
import { StartFailure } from './start-failure.ts';

const KEYS = ['listen', 'control', 'brake', 'egress'] as const;
type Key = (typeof KEYS)[number];
type Addresses = { readonly [key in Key]?: string | undefined };

interface Taken {
  readonly key: Key;
  readonly line: string;
}

/** At a first start, before anything is written: throws a StartFailure where an address cannot be opened. */
export async function refuseTaken(files: Addresses, configPath: string): Promise<void> {
  const taken = await takenOf(files);
  if (taken.length === 0) return;
  throw new StartFailure([
    ...taken.map(({ line }) => line),
    `End what listens there, or name another address in ${configPath}.`,
  ]);
}

/**
 * At a later start: lines about what cannot be opened and stands otherwise in the files by now, so that an `apply` can
 * mend it; else nobody could ever take the new address. Throws a StartFailure where the files would not help.
 */
export async function takenSince(
  inForce: Addresses,
  files: Addresses,
  configPath: string,
): Promise<string[]> {
  const taken = await takenOf(inForce);
  const lines = taken.map(({ line }) => line);
  if (taken.every(({ key }) => files[key] !== inForce[key])) return lines;
  throw new StartFailure([
    ...lines,
    `End what listens there. Or name another address in ${configPath}, start again, and run ./lanyard apply meanwhile.`,
  ]);
}

/** Each is opened for a moment: of whoever comes in between, the door itself tells. */
async function takenOf(configuration: Addresses): Promise<Taken[]> {
  const taken: Taken[] = [];
  for (const key of KEYS) {
    const address = configuration[key];
    const error = address === undefined ? null : await tryAddress(address);
    if (error !== null) taken.push({ key, line: lineOf(key, String(address), error) });
  }
  return taken;
}

export function cannotListen(key: Key, address: string, error: Error): StartFailure {
  return new StartFailure([lineOf(key, address, error)]);
}

function tryAddress(address: string): Promise<Error | null> {
  const { host, port } = splitAddress(address);
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (error) => done(error));
    server.listen(port, host, () => server.close(() => done(null)));
  });
}

const lineOf = (key: Key, address: string, error: NodeJS.ErrnoException): string =>
  `\`${key}\` ${address} cannot be used: ${WHY[error.code ?? ''] ?? error.message}.`;

const WHY: { readonly [code: string]: string } = {
  EADDRINUSE: 'another program listens there already',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not listen there',
};
