import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { ACTS } from '../../../src/pipeline/operate.ts';
import { Authenticator, LIES, type RequestOptions } from '../../authenticator.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';
import { type Body, freePort, PersonAtBrowser } from '../people-ground.ts';
import { editCells } from './edited-cells.ts';

/** What widens once an instance is claimed: each purpose with the right signature, and with every wrong one. */

let ground: OperatorGround;
let running: Running;
let ada: PersonAtBrowser;
let grace: PersonAtBrowser;
let port: number;
const PEOPLE =
  'people: [{ id: ada, name: Ada, roles: [admin] }, { id: grace, name: Grace, roles: [admin, owner] }, { id: bob, name: Bob, roles: [owner] }]';

const configurationOf = (more: Record<string, string> = {}): string =>
  ground.configuration({
    control: `control: 127.0.0.1:${port}`,
    people: PEOPLE,
    agents:
      'agents: [{ id: writer, owner: bob, purpose: Looks }, { id: other, owner: grace, purpose: Looks }]',
    ...more,
  });

beforeAll(async () => {
  ground = new OperatorGround();
  port = await freePort();
  ground.write('lanyard.yaml', configurationOf());
  running = await ground.up();
  await running.url();
  const origin = `http://localhost:${port}`;
  [ada, grace] = [new PersonAtBrowser(origin), new PersonAtBrowser(origin)];
  const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
  await ada.enrol(code);
  await ada.signIn();
  await ada.settle();
  const invited = await ada.do('/v1/people/grace/invite');
  await grace.enrol(new URL(invited.body.link).hash.slice(1));
  await grace.signIn();
});
afterAll(() => ground.remove());

/** One act of each purpose, ready to be asked for again and again. */
const PURPOSES: Readonly<Record<string, () => Promise<[string, object]>>> = {
  token: async () => ['/v1/agents/writer/token', {}],
  release: async () => {
    await ada.post('/v1/stop', { scope: 'agent:other' });
    return ['/v1/release', { scope: 'agent:other', why: 'fine' }];
  },
  apply: async () => {
    ground.write('lanyard.yaml', configurationOf({ retention: `retention: { bodies: ${++days}d }` }));
    return ['/v1/apply', { dryRun: false }];
  },
  invite: async () => ['/v1/people/grace/invite', {}],
  'recovery-codes': async () => ['/v1/recovery-codes', {}],
};
let days = 30;

async function ask202(path: string, body: object): Promise<Body> {
  const asked = await ada.post(path, body);
  expect({ path, status: asked.status, error: asked.body.error }).toEqual({ path, status: 202 });
  return asked.body;
}

async function begin(change: string, who = ada): Promise<RequestOptions> {
  return (await who.post(`/v1/changes/${change}/statement`)).body.options;
}

describe('P5 a signature', () => {
  it.each(Object.keys(PURPOSES))(
    'for %s is taken once, for exactly it, from whoever signed',
    async (purpose) => {
      const [path, body] = (await PURPOSES[purpose]?.()) ?? ['', {}];
      const change = await ask202(path, body);
      expect(change.act).toBe(purpose);

      for (const [what, lie] of LIES) {
        const counter = ada.key.counter;
        const refused = await ada.sign(change.id, lie);
        ada.key.counter = Math.max(counter, ada.key.counter);
        expect({ what, code: refused.body.error?.code }).toEqual({ what, code: 'PROOF_REFUSED' });
      }
      // Her answer to the sign-in question is none to this one.
      const signIn = await ada.send('POST', '/v1/sign-in/start', {}, null);
      const other = await ada.post(`/v1/changes/${change.id}/sign`, {
        response: ada.key.get(signIn.body.options),
      });
      expect(other.body.error.code).toBe('PROOF_REFUSED');
      // Somebody else's assertion, handed in by her; and hers, handed in by somebody else.
      const asked = await grace.post(`/v1/changes/${change.id}/statement`);
      const herOwn = { 'recovery-codes': 'for the person herself', invite: 'an invitation by ada' }[purpose];
      if (herOwn !== undefined) expect(asked.body.error.sentence).toContain(herOwn);
      else {
        const response = grace.key.get(asked.body.options);
        const refused = await ada.post(`/v1/changes/${change.id}/sign`, { response });
        expect(refused.body.error.code).toBe('PROOF_REFUSED');
      }
      const ofAda = ada.key.get(await begin(change.id));
      expect((await grace.post(`/v1/changes/${change.id}/sign`, { response: ofAda })).body.error.code).toBe(
        'PROOF_REFUSED',
      );
      // Nothing of all that has done anything.
      expect((await ada.get(`/v1/changes/${change.id}`)).body.state).toBe('waiting');

      const options = await begin(change.id);
      const response = ada.key.get(options);
      expect((await ada.post(`/v1/changes/${change.id}/sign`, { response })).status).toBe(200);
      expect((await ada.post(`/v1/changes/${change.id}/sign`, { response })).body.error.code).toBe(
        'CEREMONY_UNKNOWN',
      );
      const [entry] = (await ground.entries(ACTS[purpose as keyof typeof ACTS].kind)).slice(-1);
      expect(entry).toMatchObject({
        by: 'person',
        person: 'ada',
        proof: { statement: { purpose, person: 'ada', change: change.change } },
      });
    },
  );

  it('is for one change: another one, of the same act and by the same person, does not take it', async () => {
    const [a, b] = [await ask202('/v1/agents/writer/token', {}), await ask202('/v1/agents/other/token', {})];
    const response = ada.key.get(await begin(a.id));
    const swapped = await ada.post(`/v1/changes/${b.id}/sign`, { response });
    expect(swapped.body.error).toMatchObject({
      code: 'PROOF_REFUSED',
      sentence: expect.stringContaining('change'),
    });
    for (const { id } of [a, b])
      expect((await grace.post(`/v1/changes/${id}/drop`)).body.state).toBe('dropped');
    expect(
      (await ada.post(`/v1/changes/${a.id}/sign`, { response: ada.key.get(await begin(a.id)) })).status,
    ).toBe(409);
  });

  it('is for what was shown: files that were edited meanwhile are not what is applied', async () => {
    ground.write('lanyard.yaml', configurationOf({ retention: 'retention: { bodies: 11d }' }));
    const change = await ask202('/v1/apply', { dryRun: false });
    ground.write('lanyard.yaml', configurationOf({ retention: 'retention: { bodies: 12d }' }));
    expect((await ada.sign(change.id)).status).toBe(200);
    const shown = await ada.post('/v1/apply', { dryRun: true });
    expect(shown.body.changes).toEqual(['~ retention.bodies: "11d" → "12d"']);
    const [applied] = (await ground.entries('operator.applied')).slice(-1);
    expect(applied).toMatchObject({ set: change.fields.set });
  });
});

describe('who may', () => {
  it('owners sign for their own agents alone', async () => {
    const bob = new PersonAtBrowser(ada.origin);
    const invited = await ada.do('/v1/people/bob/invite');
    await bob.enrol(new URL(invited.body.link).hash.slice(1));
    await bob.signIn();
    expect((await bob.do('/v1/agents/writer/token')).body.token).toMatch(/^lyd_/);
    for (const [path, body] of [
      ['/v1/agents/other/token', {}],
      ['/v1/apply', { dryRun: false }],
      ['/v1/people/bob/invite', {}],
    ] as const)
      expect((await bob.post(path, body)).body.error.sentence).toContain('bob may not do this');
    const waiting = await ask202('/v1/agents/other/token', {});
    expect((await bob.post(`/v1/changes/${waiting.id}/statement`)).body.error.sentence).toContain('may not');
    await ada.post(`/v1/changes/${waiting.id}/drop`);
  });

  it('nobody signs the invitation of another: she would hold its link, and stand beside whom she let in', async () => {
    const waiting = await ask202('/v1/people/bob/invite', {});
    expect(waiting.fields).toMatchObject({ invitedBy: 'ada' });
    const refused = await grace.post(`/v1/changes/${waiting.id}/statement`);
    expect(refused.body.error.sentence).toBe('This is an invitation by ada; make your own.');
    expect((await grace.sign(waiting.id)).body.link).toBeUndefined();
    await ada.post(`/v1/changes/${waiting.id}/drop`);
  });

  it('nobody who is not signed in, and nobody with a token of the past', async () => {
    const other = new PersonAtBrowser(ada.origin);
    expect((await other.get('/v1/changes')).body.error.code).toBe('SIGN_IN_NEEDED');
    await other.send('POST', '/v1/sign-in/start', {}, null);
    other.key = ada.key;
    await other.signIn();
    expect((await other.post('/v1/sign-out')).body).toEqual({ ended: 1 });
    expect((await other.get('/v1/changes')).body.error.code).toBe('SESSION_OVER');
  });
});

describe('the command line, once claimed', () => {
  it('prints a link and waits; a person signs, and the token is told where it was asked for', async () => {
    const asked = ground.run('agent token writer');
    const change = await waitingFor('token');
    expect(change).toMatchObject({ asked: 'socket', fields: { agent: 'writer' } });
    const signed = await ada.sign(change.id);
    expect(signed.body).toMatchObject({ state: 'done' });
    expect(JSON.stringify(signed.body)).not.toContain('lyd_');
    const { code, stdout, stderr } = await asked;
    expect({ code, token: /^lyd_\S+\n$/.test(stdout) }).toEqual({ code: 0, token: true });
    expect(stderr).toContain(`http://localhost:${port}/confirm/${change.id}`);
  });

  it('is refused when a person says no', async () => {
    const asked = ground.run('agent token writer');
    const change = await waitingFor('token');
    await grace.post(`/v1/changes/${change.id}/drop`);
    expect(await asked).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('grace said no'),
    });
  });

  it('stops at once and asks nobody', async () => {
    expect(await ground.run('stop agent:writer')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^agent:writer is frozen\n/),
    });
    expect((await ada.do('/v1/release', { scope: 'agent:writer', why: 'fine' })).status).toBe(200);
  });

  it('applies nothing after which nobody could sign', async () => {
    ground.write('lanyard.yaml', configurationOf({ control: '' }));
    expect((await ground.run('apply')).stderr).toContain('Without `control` nobody could sign');
    ground.write(
      'lanyard.yaml',
      configurationOf({
        people: 'people: [{ id: grace, name: G, roles: [owner] }, { id: bob, name: B, roles: [owner] }]',
      }),
    );
    expect((await ground.run('apply')).stderr).toContain('nobody could sign anything any more');
    ground.write('lanyard.yaml', configurationOf());
  });
});

describe('saying no', () => {
  let bob: PersonAtBrowser;
  const second = async (who: PersonAtBrowser): Promise<Body> => {
    const begun = await who.post('/v1/passkeys/start');
    const response = new Authenticator(who.origin).create(begun.body.options);
    return (await who.post('/v1/passkeys', { response })).body;
  };
  beforeAll(async () => {
    bob = new PersonAtBrowser(ada.origin);
    const invited = await ada.do('/v1/people/bob/invite');
    await bob.enrol(new URL(invited.body.link).hash.slice(1));
    await bob.signIn();
  });

  it('to a passkey that waits: whoever it is for does, and an admin, and nobody else', async () => {
    const keysOf = async () =>
      (await bob.get('/v1/people')).body.map(({ passkeys }: Body) => passkeys.length);
    const before = await keysOf();
    const change = await second(grace);
    const refused = await bob.post(`/v1/changes/${change.id}/drop`);
    expect(refused.body.error.sentence).toContain('for the person herself');
    expect((await ada.get(`/v1/changes/${change.id}`)).body.state).toBe('waiting');
    expect((await grace.post(`/v1/changes/${change.id}/drop`)).body.state).toBe('dropped');
    expect((await grace.sign(change.id)).status).toBe(409);
    const another = await second(bob);
    expect((await ada.post(`/v1/changes/${another.id}/drop`)).body.state).toBe('dropped');
    const codes = await bob.post('/v1/recovery-codes');
    expect((await bob.post(`/v1/changes/${codes.body.id}/drop`)).body.state).toBe('dropped');
    expect(await keysOf()).toEqual(before);
  });

  it('to a session: its person ends it, and an admin; nobody else sees it', async () => {
    const elsewhere = new PersonAtBrowser(bob.origin);
    elsewhere.key = bob.key;
    await elsewhere.signIn();
    const { body: mine } = await bob.get('/v1/sessions');
    expect(mine.every(({ person }: Body) => person === 'bob')).toBe(true);
    expect(JSON.stringify(mine)).not.toContain('lys_');
    const [other] = (await elsewhere.get('/v1/sessions')).body.filter(({ isThis }: Body) => isThis);
    expect(mine.map(({ session }: Body) => session)).toContain(other.session);
    const [ofGrace] = (await grace.get('/v1/sessions')).body.filter(({ isThis }: Body) => isThis);
    expect((await bob.post(`/v1/sessions/${ofGrace.session}/end`)).body.error.code).toBe('SESSION_UNKNOWN');
    expect((await bob.post(`/v1/sessions/${other.session}/end`)).status).toBe(200);
    expect((await elsewhere.get('/v1/changes')).body.error.code).toBe('SESSION_OVER');
    expect((await bob.get('/v1/changes')).status).toBe(200);
    const [told] = (await ground.entries('person.signed-out')).slice(-1);
    expect(told).toMatchObject({ person: 'bob', subject: 'bob', session: other.session });
    const [last] = (await bob.get('/v1/sessions')).body.filter(({ isThis }: Body) => isThis);
    expect((await ada.post(`/v1/sessions/${last.session}/end`)).status).toBe(200);
    expect((await bob.get('/v1/changes')).body.error.code).toBe('SESSION_OVER');
  });

  it('P4 to a session that ends while a body is on its way: nothing of it is done', async () => {
    await bob.signIn();
    const body = JSON.stringify({ scope: 'agent:writer', level: 'frozen' });
    const client = connect(port, '127.0.0.1');
    const answered = text(client);
    client.write(
      `POST /v1/stop HTTP/1.1\r\nHost: localhost:${port}\r\nOrigin: ${bob.origin}\r\nAuthorization: Bearer ${bob.token}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n`,
    );
    // Its head has been taken once this is said.
    await once(client, 'readable');
    expect((await ground.run('people sign-out bob')).code).toBe(0);
    client.write(body);
    expect(await answered).toMatch(/^HTTP\/1\.1 100 .*HTTP\/1\.1 401 .*"SESSION_OVER"/s);
    expect((await ground.entries('containment.stopped')).some(({ person }) => person === 'bob')).toBe(false);
  });

  it('to sessions from the command line: who is signed in is listed, and one or all of a person are ended', async () => {
    await ground.run('people sign-out bob');
    const tabs = [new PersonAtBrowser(bob.origin), new PersonAtBrowser(bob.origin)] as const;
    for (const tab of tabs) {
      tab.key = bob.key;
      await tab.signIn();
    }
    await bob.signIn();
    const rows = async (): Promise<Body[]> =>
      JSON.parse((await ground.run('people sessions --json')).stdout) as Body[];
    const ofBob = (await rows()).filter(({ person }) => person === 'bob');
    expect(ofBob).toHaveLength(3);
    expect(ofBob[0]).toMatchObject({ origin: bob.origin, from: expect.stringContaining('127.0.0.1') });
    expect(JSON.stringify(await rows())).not.toContain('lys_');
    expect((await ground.run('people sessions')).stdout).toContain(ofBob[0].session);

    const [first] = (await tabs[0].get('/v1/sessions')).body.filter(({ isThis }: Body) => isThis);
    const one = await ground.run(`people sign-out ${first.session}`);
    expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining('of bob is ended') });
    expect((await tabs[0].get('/v1/changes')).body.error.code).toBe('SESSION_OVER');
    expect((await tabs[1].get('/v1/changes')).status).toBe(200);
    expect(await ground.run('people sign-out bob')).toMatchObject({ code: 0 });
    for (const tab of [tabs[1], bob])
      expect((await tab.get('/v1/changes')).body.error.code).toBe('SESSION_OVER');
    expect((await ada.get('/v1/changes')).status).toBe(200);
    const told = (await ground.entries('person.signed-out')).slice(-3);
    expect(told).toMatchObject(told.map(() => ({ by: 'socket', subject: 'bob' })));
    expect(await ground.run('people sign-out bob')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nobody called "bob" is signed in'),
    });
  });
});

async function waitingFor(act: string): Promise<Body> {
  for (;;) {
    const found = ((await ada.get('/v1/changes')).body as Body[]).find((one) => one.act === act);
    if (found !== undefined) return found;
  }
}

describe('the log of it', () => {
  it('P6 holds, and does not when one signature in it is another’s', async () => {
    const bundle = join(ground.directory, 'bundle.ndjson');
    expect((await ground.run('log verify')).stdout).toContain('The log holds');
    await ground.run(`log export ${bundle}`);
    expect((await ground.run(`log verify --bundle ${bundle}`)).code).toBe(0);
    const lines = readFileSync(bundle, 'utf8').split('\n');
    const at = lines.findIndex(
      (line) => line.includes('"kind":"operator.token"') && line.includes('"statement"'),
    );
    lines[at] = lines[at]?.replace(/"agent":"\w+"/, '"agent":"third"') ?? '';
    writeFileSync(bundle, lines.join('\n'));
    const { code, stdout } = await ground.run(`log verify --bundle ${bundle} --json`);
    expect(code).toBe(3);
    expect(stdout).toContain('bad-proof');
  });
});

describe('a state that was edited while nothing ran', () => {
  it('P6 freezes everything at the next start, says what differs, and is not released before it is mended', async () => {
    const invited = await ada.do('/v1/people/bob/invite');
    expect(invited.status).toBe(200);
    await running.end();
    const { token, lent } = editCells(join(ground.directory, 'state', 'log.sqlite'));
    running = await ground.up();
    await running.url();
    await running.says(`token ${token} is kept otherwise than the log says`);
    await running.says('passkey bWluZQ is kept, and the log knows nothing of it');
    await running.says(`passkey ${lent} is kept otherwise than the log says`);
    await running.says(/invitation \w+ is kept otherwise than the log says/);
    expect((await ground.run('status --json')).stdout).toContain('the state differs from what the log says');
    // What was counted before a restart is counted after it: a copy of her passkey is behind.
    const { counter } = ada.key;
    expect((await ada.signIn({ counter: 1 })).body.error.code).toBe('PROOF_REFUSED');
    ada.key.counter = Math.max(counter, ada.key.counter);
    await ada.signIn();
    const released = await ada.post('/v1/release', { scope: 'all', why: 'why not' });
    expect(released.body.error.sentence).toContain('still differs');
  });
});
