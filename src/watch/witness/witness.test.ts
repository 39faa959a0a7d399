import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signCheckpoint } from '../../ledger/checkpoint.ts';
import { createSigner, parseVerifierKey, splitNotes } from '../../ledger/index.ts';
import { FileLink } from './file-link.ts';
import { WebLink } from './web-link.ts';
import { Witness } from './witness.ts';
import { Witnesses } from './witnesses.ts';

const signer = createSigner('lanyard/0123');
const root = (size: number, mark = 1) => Buffer.alloc(32, size + mark);
const note = (size: number, mark = 1) => signCheckpoint(signer, signer.name, size, root(size, mark));
const here = (size: number, mark = 1) => ({ size, root: root(size, mark), note: note(size, mark) });

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanyard-witness-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('a file as witness', () => {
  const never = new AbortController().signal;

  test('gathers notes, one after the other', async () => {
    const path = join(directory, 'notes');
    const link = new FileLink(path, signer.name);
    expect(await link.recall()).toBe('');
    await link.keep(note(1));
    await link.keep(note(2));
    expect(splitNotes(readFileSync(path, 'utf8'))).toEqual([note(1), note(2)]);
    expect(splitNotes(await link.recall())).toEqual([note(1), note(2)]);
  });

  test('in a directory has a file for each log', async () => {
    for (const name of ['lanyard/a', '../../b']) await new FileLink(`${directory}/`, name).keep(note(1));
    mkdirSync(join(directory, 'known'));
    await new FileLink(join(directory, 'known'), 'lanyard/a').keep(note(1));
    expect(readdirSync(directory).sort()).toEqual(['..-..-b.notes', 'known', 'lanyard-a.notes']);
    expect(readdirSync(join(directory, 'known'))).toEqual(['lanyard-a.notes']);
  });

  test('goes on behind what a writer left half-written', async () => {
    const path = join(directory, 'notes');
    for (const half of [note(1).slice(0, 30), note(1).slice(0, -20), note(1)]) {
      writeFileSync(path, half);
      await new FileLink(path, signer.name).keep(note(2));
      expect(splitNotes(readFileSync(path, 'utf8')).at(-1)).toBe(note(2));
    }
  });

  test('whose directory is gone cannot be reached, and nothing is made in its place', async () => {
    const link = new FileLink(join(directory, 'unmounted', 'notes'), signer.name);
    await expect(link.recall()).rejects.toThrow('ENOENT');
    await expect(link.keep(note(1))).rejects.toThrow('ENOENT');
    expect(never.aborted).toBe(false);
  });
});

/** A witness on loopback, as docs/formats/witness.md has it, that does what a test says. */
class Desk {
  readonly kept: string[] = [];
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void = (
    _,
    response,
    body,
  ) => {
    if (body !== '') this.kept.push(body);
    response.writeHead(body === '' ? 404 : 204).end();
  };
  readonly #server: Server = createServer(async (request, response) => {
    this.answer(request, response, await text(request));
  });

  async open(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/w`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

describe('a witness on the network', () => {
  let desk: Desk;
  let url: string;
  let lines: string[];
  let ahead: string[];
  let witness: Witness;
  beforeEach(async () => {
    desk = new Desk();
    url = await desk.open();
    lines = [];
    ahead = [];
    witness = new Witness({
      label: url,
      link: new WebLink(url, signer.name),
      log: (line) => lines.push(line),
      onAhead: (what) => {
        ahead.push(what);
        witness.aheadOf = here(1);
      },
    });
  });
  afterEach(async () => {
    await witness.end();
    await desk.close();
  });
  const until = async (done: () => boolean) => {
    while (!done()) await new Promise((again) => setTimeout(again, 5));
  };

  test('is handed notes and asked for them', async () => {
    witness.offer(note(1));
    await until(() => desk.kept.length === 1);
    expect(desk.kept).toEqual([note(1)]);
    desk.answer = (request, response) => {
      expect(request.method).toBe('GET');
      expect(request.url).toBe('/w?origin=lanyard%2F0123');
      response.end(`${note(1)}\n`);
    };
    expect(await witness.recall()).toBe(`${note(1)}\n`);
    expect(lines).toEqual([]);
  });

  test('that fails is told of once, tried again, and told of when it is back', async () => {
    const good = desk.answer;
    desk.answer = (_, response) => response.writeHead(503).end();
    witness.offer(note(1));
    await until(() => witness.trouble !== null);
    expect(lines).toEqual([expect.stringContaining('cannot be reached (it answered 503)')]);
    witness.offer(note(2));
    witness.offer(note(3));
    desk.answer = good;
    await until(() => desk.kept.length > 0);
    await until(() => witness.trouble === null);
    // What waited is one, the newest.
    expect(desk.kept).toEqual([note(3)]);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('takes checkpoints again');
  });

  test('that does not answer holds nobody up, and a stop ends in its time', async () => {
    desk.answer = () => undefined;
    for (let size = 1; size < 1000; size++) witness.offer(note(size));
    await witness.end();
    expect(desk.kept).toEqual([]);
  });

  test('at a stop is sent what waits, though it failed before', async () => {
    const good = desk.answer;
    desk.answer = (_, response) => response.writeHead(500).end();
    witness.offer(note(1));
    await until(() => witness.trouble !== null);
    desk.answer = good;
    witness.offer(note(2));
    await witness.end();
    expect(desk.kept).toEqual([note(2)]);
  });

  test('that answers with more than is asked for is not read to its end', async () => {
    desk.answer = (_, response) => response.end(Buffer.alloc(10 * 1024 * 1024, 'x'));
    expect(await witness.recall()).toBe(null);
    expect(witness.trouble).toContain('more than');
  });

  test('is not followed to another address', async () => {
    desk.answer = (_, response) => response.writeHead(302, { location: url }).end();
    expect(await witness.recall()).toBe(null);
    expect(witness.trouble).toBe('it answered 302');
  });

  test('that has another history says so, and is sent nothing more', async () => {
    desk.answer = (_, response) => response.writeHead(409).end(note(9));
    witness.offer(note(1));
    await until(() => ahead.length > 0);
    expect(ahead).toEqual([note(9)]);
    witness.offer(note(2));
    await witness.end();
    expect(desk.kept).toEqual([]);
  });
});

describe('witnesses', () => {
  const key = parseVerifierKey(signer.verifierKey);
  if (!key.ok) throw new Error(key.error);
  const open = (log: string[] = [], frozen: string[] = []) => {
    let places = [{ kind: 'file' as const, label: 'file:notes', path: join(directory, 'notes') }];
    const witnesses = new Witnesses({
      key: key.value,
      origin: signer.name,
      places: () => places,
      log: (line) => log.push(line),
      onAhead: (why) => frozen.push(why),
    });
    const move = (path: string) => {
      places = [{ kind: 'file', label: `file:${path}`, path: join(directory, path) }];
    };
    return { witnesses, move };
  };
  const kept = (path = 'notes') => splitNotes(readFileSync(join(directory, path), 'utf8'));

  test.each([
    ['more entries', note(9), '4 entries are gone'],
    ['another root for as many', note(5, 7), 'rewritten'],
  ])('that have %s than the state say by how much', async (_, theirs, words) => {
    writeFileSync(join(directory, 'notes'), `${note(3)}\n${theirs}\n`);
    const { witnesses } = open();
    const { ahead } = await witnesses.begin(here(5));
    expect(ahead?.join('\n')).toContain(words);
    // What it has is evidence: nothing is added to it, and looking again finds the same.
    witnesses.offer(here(12));
    expect((await witnesses.look()).ahead).not.toBe(null);
    await witnesses.end();
    expect(kept()).toEqual([note(3), theirs]);
  });

  test('give what reading the whole log is held against, and are brought up to date', async () => {
    writeFileSync(join(directory, 'notes'), `${note(2)}\n${note(3)}\n`);
    const { witnesses } = open();
    const { ahead, earlier } = await witnesses.begin(here(5));
    expect(ahead).toBe(null);
    expect(earlier.map(({ size }) => size)).toEqual([2, 3]);
    await witnesses.end();
    expect(kept()).toEqual([note(2), note(3), note(5)]);
    const again = open();
    await again.witnesses.begin(here(5));
    await again.witnesses.end();
    expect(kept()).toHaveLength(3);
  });

  test('that an apply names take over from those it names no more', async () => {
    writeFileSync(join(directory, 'notes'), `${note(9)}\n`);
    const { witnesses, move } = open();
    expect((await witnesses.begin(here(5))).ahead).not.toBe(null);
    move('others');
    expect((await witnesses.look()).ahead).toBe(null);
    witnesses.offer(here(6));
    await witnesses.end();
    expect(kept('others').at(-1)).toEqual(note(6));
    expect(kept()).toEqual([note(9)]);
  });

  test('of an empty state that know other logs are told of', async () => {
    writeFileSync(join(directory, 'notes'), `${signCheckpoint(createSigner('x'), 'x', 4, root(4))}\n`);
    const log: string[] = [];
    const { witnesses } = open(log);
    await witnesses.begin({ size: 0, root: root(0), note: '' });
    expect(log).toEqual([expect.stringContaining('was there a state before this?')]);
    await witnesses.end();
  });

  test('that may not be written are told of', async () => {
    writeFileSync(join(directory, 'file'), '');
    const log: string[] = [];
    const { witnesses, move } = open(log);
    move('file/notes');
    await witnesses.begin(here(1));
    await witnesses.end();
    expect(log).toEqual([expect.stringContaining('cannot be reached (ENOTDIR')]);
    expect(witnesses.all[0]?.trouble).toContain('ENOTDIR');
  });
});
