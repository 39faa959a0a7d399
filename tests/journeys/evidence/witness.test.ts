import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/contract/log-entry.ts';
import {
  createTree,
  encodeEntry,
  leafHash,
  openSigner,
  signCheckpoint,
  splitNotes,
} from '../../../src/ledger/index.ts';
import { openSqlite } from '../../../src/store/sqlite/index.ts';
import type { NewEntry } from '../../../src/store/store.ts';
import { fixturePath } from '../../fixtures/upstreams/start.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';

/** What happened once cannot be made not to have happened, where a witness has a checkpoint of it. */

let ground: OperatorGround;
let afterOneDay: () => void;
beforeAll(async () => {
  ground = new OperatorGround();
  mkdirSync(join(ground.directory, 'kept'));
  witnessedBy('file:kept/');
  await day();
  afterOneDay = ground.keep('state', 'kept');
});
beforeEach(() => {
  afterOneDay();
  witnessedBy('file:kept/');
});
afterEach(() => ground.end());
afterAll(() => ground.remove());

/** As if no instance had ever been here. */
const withoutState = () => rmSync(ground.state, { recursive: true });

function witnessedBy(...places: readonly unknown[]): void {
  ground.write('lanyard.yaml', ground.configuration({ witness: `witness: ${JSON.stringify(places)}` }));
}

const notes = (): string => {
  const [name = ''] = readdirSync(join(ground.directory, 'kept'));
  return join(ground.directory, 'kept', name);
};

/** A day of an instance: some calls, and its end. */
async function day(): Promise<void> {
  const running = await ground.up();
  await running.call(await ground.token(), 'look');
  expect(await running.end()).toBe('0');
}

/**
 * Nothing runs, nothing can be released, and an auditor with the witness's notes sees why. What the freeze itself wrote may
 * reach past what the witness holds of a state that was set back: then what lies before it counts as rewritten.
 */
async function expectFrozen(running: Running, fault: 'rolled-back' | 'rewritten'): Promise<void> {
  const token = await ground.token();
  expect((await running.call(token, 'look')).text).toContain('"code":"FROZEN"');
  expect((await fetch(`${await running.url()}/healthz`)).status).toBe(503);
  expect(await ground.run('release all --why nothing')).toMatchObject({ code: 1, stdout: '' });
  const verified = await ground.run(`log verify --against ${notes()}`);
  const found = fault === 'rewritten' ? /rewritten: / : /(rolled-back|rewritten): /;
  expect(verified).toMatchObject({ code: 3, stdout: expect.stringMatching(found) });
}

/** However the log is kept: nothing of the state but the key that signs it, as a first start has it that never had a log. */
function emptyButForTheKey(): void {
  for (const name of readdirSync(ground.state))
    if (name !== 'checkpoint.key') rmSync(join(ground.state, name), { recursive: true });
  renameSync(join(ground.state, 'checkpoint.key'), join(ground.state, 'checkpoint.key.new'));
}

/** The whole log written anew from an entry on, signed with its own key, and one entry longer. */
async function rewriteWithStolenKey(longer: boolean): Promise<void> {
  const path = join(ground.state, 'log.sqlite');
  const signer = openSigner(readFileSync(join(ground.state, 'checkpoint.key'), 'utf8').trim());
  if (!signer.ok) throw new Error(signer.error);
  const store = await openSqlite(path);
  const all: Entry[] = [];
  for await (const page of store.entries(0, await store.size()))
    for (const row of page) all.push(JSON.parse(row.text) as Entry);
  const kinds = ['set', 'in-force', 'pins', 'token', 'level', 'coverage'];
  const cells = await Promise.all(
    kinds.map(async (kind) => (await store.cells(kind)).map((cell) => ({ kind, ...cell }))),
  );
  await store.close();
  const told = all.map((entry) =>
    entry.kind === 'action.decided' ? { ...entry, operation: 'mcp:box/tell' } : entry,
  );
  const last = told.at(-1);
  if (longer && last !== undefined) told.push({ ...last, seq: told.length });
  const tree = createTree();
  const entries = told.map((entry): NewEntry => {
    const row = { text: encodeEntry(entry), leaf: leafHash(encodeEntry(entry)) };
    tree.append(row.leaf);
    return { ...row, kind: entry.kind, atMs: Date.parse(entry.at) };
  });
  emptyButForTheKey();
  const forged = await openSqlite(path);
  await forged.append({
    first: 0,
    entries,
    bodies: [],
    cells: cells.flat(),
    checkpoint: {
      size: tree.size,
      note: signCheckpoint(signer.value, signer.value.name, tree.size, tree.root()),
      frontier: tree.frontier(),
      open: [],
    },
  });
  await forged.close();
}

describe('P6 a witness', () => {
  it('gets every checkpoint, the last one at the stop, and the log agrees with it', async () => {
    await day();
    const kept = splitNotes(readFileSync(notes(), 'utf8'));
    expect(kept.length).toBeGreaterThan(2);
    expect(kept.at(-1)).toBe((await ground.run('log checkpoint')).stdout);
    const verified = await ground.run(`log verify --against ${notes()}`);
    expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('It agrees with') });
    const bundle = join(ground.directory, 'bundle');
    await ground.run(`log export ${bundle}`);
    const alone = { config: false, env: { HOME: '/nowhere', PATH: '/nowhere' } };
    const offline = await ground.run(`log verify --json --bundle ${bundle} --against ${notes()}`, alone);
    expect(JSON.parse(offline.stdout)).toMatchObject({ holds: true, against: kept.length });
    // As the configuration names it: the directory, which may have notes of other logs.
    const place = dirname(notes());
    writeFileSync(join(place, 'another.notes'), 'another\n1\nAAAA\n\n— another AAAAAAAA\n');
    expect(await ground.run(`log verify --against ${place}`)).toMatchObject({ code: 0 });
    rmSync(join(place, 'another.notes'));
  });

  it('nothing holds by a key that is none, or against notes that nobody signed', async () => {
    const bundle = join(ground.directory, 'bundle');
    const key = /verifier key (\S+)/.exec((await ground.run(`log export ${bundle}`)).stderr)?.[1] ?? '';
    ground.write('key', `${key}\n`);
    expect(await ground.run(`log verify --bundle ${bundle} --key key`)).toMatchObject({ code: 0 });
    ground.write(
      'key',
      key.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    );
    expect(await ground.run(`log verify --bundle ${bundle} --key key`)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('key holds no verifier key'),
    });
    ground.write('notes', readFileSync(notes(), 'utf8').replaceAll('— ', '- '));
    expect(await ground.run('log verify --against notes')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('notes holds no signed note'),
    });
  });

  it('shows that the state was set back: everything is frozen, and it is said by how much and what to do', async () => {
    cpSync(ground.state, join(ground.directory, 'backup'), { recursive: true });
    await day();
    rmSync(ground.state, { recursive: true });
    cpSync(join(ground.directory, 'backup'), ground.state, { recursive: true });

    const running = await ground.up();
    await running.says(
      /The state is behind its witness file:kept\/: that has a signed checkpoint of \d+ entries, and the state ended at \d+\. \d+ entries are gone/,
    );
    await running.says('Everything is frozen. Put the newer state back');
    const before = readFileSync(notes(), 'utf8');
    await expectFrozen(running, 'rolled-back');
    expect(await running.end()).toBe('0');
    expect(readFileSync(notes(), 'utf8')).toBe(before);

    // A restart stays frozen and finds the same, at once or, where the log has grown beyond the checkpoint, while the
    // whole is read; another witness, named by a person, lets it go on.
    const again = await ground.up();
    expect((await again.call(await ground.token(), 'look')).text).toContain('FROZEN');
    await again.says(/state is (behind|not what) its witness|rewritten: the checkpoint/);
    mkdirSync(join(ground.directory, 'anew'));
    witnessedBy('file:anew/');
    expect(await ground.run('apply')).toMatchObject({ code: 0 });
    expect(await ground.run('release all --why lost')).toMatchObject({ code: 0 });
    expect((await again.call(await ground.token(), 'look')).text).not.toContain('FROZEN');
  });

  it('shows a log that was rewritten with the stolen key, at once', async () => {
    await rewriteWithStolenKey(false);
    expect(await ground.run('log verify --deep')).toMatchObject({ code: 3 });
    const running = await ground.up();
    await running.says('or was rewritten with its own key.');
    await expectFrozen(running, 'rewritten');
  });

  it('shows it, while the whole is read, where the log has gone on since', async () => {
    await rewriteWithStolenKey(true);
    expect(await ground.run('log verify')).toMatchObject({ code: 0 });
    const running = await ground.up();
    await running.says('rewritten: the checkpoint kept elsewhere for the first');
    await expectFrozen(running, 'rewritten');
  });

  it('shows a state that was emptied but for its key', async () => {
    emptyButForTheKey();
    const running = await ground.up();
    await running.says('The state is behind its witness');
    await expectFrozen(running, 'rolled-back');
  });

  it('that cannot be reached freezes nothing, is told, and is a hole in coverage', async () => {
    withoutState();
    witnessedBy('file:kept/', { url: 'http://127.0.0.1:1/w', reason: 'a test' }, 'file:nowhere/notes');
    const running = await ground.up();
    await running.says('witness http://127.0.0.1:1/w cannot be reached');
    await running.says('witness file:nowhere/notes cannot be reached');
    expect((await running.call(await ground.token(), 'look')).text).not.toContain('FROZEN');
    const [coverage] = await ground.entries('instance.coverage');
    const holes = (coverage?.['holes'] ?? []) as readonly Record<string, unknown>[];
    expect(holes.filter(({ hole }) => hole === 'witness-unreachable').map(({ about }) => about)).toEqual([
      'http://127.0.0.1:1/w',
      'file:nowhere/notes',
    ]);
    expect(await running.end()).toBe('0');
  });

  it('on the network is told over https', async () => {
    const read = (name: string) => readFileSync(fixturePath(`tls/${name}`));
    const got: string[] = [];
    const server = createServer(
      { cert: read('localhost-cert.pem'), key: read('localhost-key.pem') },
      async (request, response) => {
        const body = await text(request);
        if (body !== '') got.push(body);
        response.writeHead(body === '' ? 204 : 201).end();
      },
    );
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      withoutState();
      witnessedBy(`https://localhost:${(server.address() as AddressInfo).port}/log`);
      const running = await ground.up({ NODE_EXTRA_CA_CERTS: fixturePath('tls/localhost-cert.pem') });
      expect(running.stderr).not.toContain('cannot be reached');
      expect(await running.end()).toBe('0');
      expect(got.at(-1)).toBe((await ground.run('log checkpoint')).stdout);
      // Whoever cannot show the certificate is no witness.
      const doubtful = await ground.up();
      await doubtful.says('cannot be reached');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it.each([
    ['file:state/notes', 'lies within the state'],
    ['file:work/../state/', 'lies within the state'],
    ['http://127.0.0.1:9/w', 'say why that is enough here'],
    ['http://w.example/w', 'must be https'],
  ])('at %s is refused: %s', async (place, why) => {
    withoutState();
    witnessedBy(place);
    const ended = await ground.run('up');
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(why) });
  });
});
