import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { ask } from '../../../src/cli/instance.ts';
import type { Instance } from '../../../src/main/instance.ts';
import { start } from '../../../src/main/start.ts';
import { current } from '../../doors/agents/running-door.ts';
import { OperatorGround } from '../operator-ground.ts';
import { type Body, freePort, PersonAtBrowser } from '../people-ground.ts';

/** Weeks of one agent, told in order, by a clock that is turned on: what nobody looks at does not go on. */

const DAY = 86_400_000;
let ground: OperatorGround;
let instance: Instance;
let origin: string;
let [ada, grace, sam]: PersonAtBrowser[] = [];
let turnedMs = 0;
let token: string;
const logged: string[] = [];

const turn = (days: number) => {
  turnedMs += days * DAY;
};
const clock = { ...systemClock, now: () => systemClock.now() + turnedMs };

async function up(): Promise<void> {
  instance = await start({
    configPath: ground.config,
    environment: { PATH: process.env['PATH'] ?? '', HOME: ground.directory },
    log: (line) => logged.push(line),
    clock,
  });
}

async function call(name: string, as = token): Promise<string> {
  const { headers, body } = current('tools/call', { name, arguments: { id: 'a' } }, 1);
  const response = await fetch(`${instance.url}/mcp/box`, {
    method: 'POST',
    headers: {
      ...headers,
      authorization: `Bearer ${as}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: String(body),
  });
  const text = await response.text();
  return /"code":"([A-Z_]+)"/.exec(text)?.[1] ?? 'ran';
}

const lease = async (agent = 'writer'): Promise<Body> =>
  ((await ask(ground.config, 'GET /v1/agents')) as Body[]).find(({ id }) => id === agent).lease;

const entries = async (kind: string): Promise<Body[]> => {
  const found: Body[] = [];
  for await (const page of instance.house.store.find({ kinds: [kind] }))
    for (const { text } of page) found.push(JSON.parse(text));
  return found;
};

/** Until an entry of that kind fits; the test's own time-out is the end of it. */
async function recorded(kind: string, fits: (entry: Body) => boolean): Promise<Body> {
  for (;;) {
    const found = (await entries(kind)).find(fits);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const person = (who: PersonAtBrowser | undefined): PersonAtBrowser => who ?? new PersonAtBrowser(origin);

async function looks(who: PersonAtBrowser | undefined, agent = 'writer') {
  await person(who).signIn();
  const shown = await person(who).get(`/v1/agents/${agent}/look`);
  return { shown, done: await person(who).post(`/v1/agents/${agent}/look`, { shown: shown.body.shown }) };
}

const agentsWith = (writer: string) =>
  `agents: [{ id: writer, ${writer}, purpose: Looks }, { id: other, owner: ada, purpose: Looks }, { id: teller, owner: ada, purpose: Tells, teams: [tellers] }, { id: daily, owner: ada, purpose: Looks, cadence: 1d }]`;
const configurationOf = (more: Record<string, string> = {}) =>
  ground.configuration({
    control: `control: 127.0.0.1:${new URL(origin).port}`,
    people:
      'people: [{ id: ada, name: Ada, roles: [owner, admin] }, { id: grace, name: Grace, roles: [owner] }, { id: sam, name: Sam, roles: [owner, admin] }]',
    agents: agentsWith('owner: ada, backup: grace'),
    ...more,
  });

beforeAll(async () => {
  ground = new OperatorGround();
  origin = `http://localhost:${await freePort()}`;
  ground.write(
    'catalog.yaml',
    [
      'catalog: plain',
      'operations:',
      ...['look', 'wait'].map(
        (name) =>
          `  ${name}: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }`,
      ),
      '  tell: { risk: comment, effect: [send], reversibility: irreversible, audience: public, worst: Says it }',
      '',
    ].join('\n'),
  );
  ground.write(
    'rules.cedar',
    `@id("reads") @need("t") permit (principal, action in Action::"risk:read", resource);
@id("tells") @need("t") permit (principal in Team::"tellers", action in Action::"risk:comment", resource);
`,
  );
  ground.write('lanyard.yaml', configurationOf());
  await up();
  const made = await ask(ground.config, 'POST /v1/token', { agent: 'writer', ttlMs: 3650 * DAY });
  token = (made as Body).token;
}, 60_000);
afterAll(async () => {
  await instance.stop();
  await ground.remove();
});

describe('the lease of an agent', () => {
  it('begins when the agent is first in force, shorter where it may reach somebody outside', async () => {
    expect(await entries('containment.leased')).toMatchObject([
      { by: 'lease', agents: ['writer', 'other', 'teller', 'daily'] },
    ]);
    const all = Object.fromEntries(
      ((await ask(ground.config, 'GET /v1/agents')) as Body[]).map(({ id, lease }) => [id, lease]),
    );
    expect(all['writer']).toMatchObject({ stage: 'live', cadenceMs: 7 * DAY, acted: false });
    expect(all['teller']).toMatchObject({ stage: 'live', cadenceMs: DAY });
    expect(all['daily']).toMatchObject({ stage: 'live', cadenceMs: DAY });
  });

  it('only warns while nobody could sign that she has looked', async () => {
    expect(logged.join('\n')).toContain('Owner leases only warn until somebody has enrolled a passkey');
    turn(100);
    expect(await lease()).toMatchObject({ stage: 'warned' });
    expect(await call('look')).toBe('ran');
    expect(await recorded('containment.lease-due', ({ agent }) => agent === 'writer')).toMatchObject({
      by: 'lease',
      stage: 'warned',
    });
  });

  it('begins anew with the first passkey', async () => {
    [ada, grace, sam] = [0, 1, 2].map(() => new PersonAtBrowser(origin));
    const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as Body;
    await person(ada).enrol(code);
    await person(ada).signIn();
    await person(ada).settle();
    for (const [id, who] of [
      ['grace', grace],
      ['sam', sam],
    ] as const) {
      const invited = await person(ada).do(`/v1/people/${id}/invite`);
      await person(who).enrol(new URL(invited.body.link).hash.slice(1));
      await person(who).signIn();
    }
    expect(await lease()).toMatchObject({ stage: 'live' });
    expect(await call('look')).toBe('ran');
  });

  it('runs out: warned, all but reads held, then nothing, exactly in time', async () => {
    turn(6);
    expect(await lease()).toMatchObject({ stage: 'warned', acted: true });
    expect(await call('look')).toBe('ran');
    const claimed = (await entries('person.enrolled')).at(-1).seq;
    await recorded('containment.lease-due', ({ agent, seq }) => agent === 'writer' && seq > claimed);
    turn(1);
    expect(await lease()).toMatchObject({ stage: 'watched' });
    expect(await call('look')).toBe('ran');
    await recorded('containment.lease-due', ({ agent, stage }) => agent === 'writer' && stage === 'watched');
    turn(7);
    expect(await call('look')).toBe('LEASE_OVER');
    await recorded('containment.lease-due', ({ agent, stage }) => agent === 'writer' && stage === 'frozen');
    expect((await entries('containment.lease-due')).filter(({ agent }) => agent === 'other')).toEqual([]);
  });

  it('tells whoever answers for it, and nobody of an agent that does nothing', async () => {
    const raised = await recorded('alert.raised', ({ subject }) => subject === 'lease-frozen');
    expect(raised).toMatchObject({ agent: 'writer', page: false });
    const inbox = (await ask(ground.config, 'GET /v1/inbox')) as Body;
    expect(
      inbox.alerts.filter(({ subject }: Body) => subject.startsWith('lease')).map(({ agent }: Body) => agent),
    ).not.toContain('other');
  });

  it('is renewed by a look of the owner at what she was shown, and by nobody and nothing else', async () => {
    // By the socket there is no way at all; by somebody who does not answer for it, an admin too, none either.
    await expect(ask(ground.config, 'POST /v1/agents/writer/look', {})).rejects.toThrow();
    await recorded('alert.raised', ({ subject }) => subject === 'lease-frozen');
    await person(sam).signIn();
    expect((await person(sam).get('/v1/agents/writer/look')).body.error.sentence).toBe(
      'Only ada or grace answers for writer.',
    );
    await person(ada).signIn();
    const { body: shown } = await person(ada).get('/v1/agents/writer/look');
    expect(shown).toMatchObject({ agent: 'writer', more: false });
    expect(shown.actions).toBeGreaterThanOrEqual(3);
    expect(shown.sample.length).toBe(Math.min(shown.actions, LIMITS.leaseSample));
    // The same until it is confirmed, so that nobody draws until she likes it.
    expect((await person(ada).get('/v1/agents/writer/look')).body).toEqual(shown);
    for (const [who, what] of [
      [sam, shown.shown],
      [grace, shown.shown],
      [ada, `sha256:${'0'.repeat(64)}`],
    ] as const) {
      const refused = await person(who).post('/v1/agents/writer/look', { shown: what });
      expect(refused.status).not.toBe(200);
    }
    expect(
      (await person(ada).send('POST', '/v1/agents/writer/look', { shown: shown.shown }, token)).body.error
        .code,
    ).toBe('AGENT_TOKEN');
    expect(await call('look')).toBe('LEASE_OVER');

    const done = await person(ada).post('/v1/agents/writer/look', { shown: shown.shown });
    expect(done).toMatchObject({ status: 200, body: { stage: 'live' } });
    expect(await call('look')).toBe('ran');
    expect(
      ((await ask(ground.config, 'GET /v1/inbox')) as Body).alerts.filter(({ subject }: Body) =>
        String(subject).startsWith('lease'),
      ),
    ).toEqual([]);
    expect((await entries('containment.looked')).at(-1)).toMatchObject({
      by: 'person',
      person: 'ada',
      agent: 'writer',
      shown: shown.shown,
      upTo: shown.upTo,
      sample: shown.sample.map(({ action }: Body) => action),
    });
    // What was confirmed is confirmed once.
    expect((await person(ada).post('/v1/agents/writer/look', { shown: shown.shown })).status).not.toBe(200);
  });

  it('is renewed by the backup as well, and not by a look at what another has looked at meanwhile', async () => {
    turn(7);
    await person(grace).signIn();
    await person(ada).signIn();
    const { body: hers } = await person(grace).get('/v1/agents/writer/look');
    expect((await looks(ada)).done.status).toBe(200);
    const late = await person(grace).post('/v1/agents/writer/look', { shown: hers.shown });
    expect(late.body.error.sentence).toContain('meanwhile');
    expect((await looks(grace)).done.status).toBe(200);
    expect((await entries('containment.looked')).at(-1)).toMatchObject({ person: 'grace' });
  });

  it('holds over a restart, and over a month for which the instance was off', async () => {
    await call('look');
    await instance.stop();
    turn(30);
    await up();
    expect(await lease()).toMatchObject({ stage: 'frozen', acted: true });
    expect(await call('look')).toBe('LEASE_OVER');
    expect(logged.join('\n')).not.toContain('state:');
  });

  it('is not made longer by a clock that is set back, running or not', async () => {
    turn(-29);
    expect(await call('look')).toBe('LEASE_OVER');
    await instance.stop();
    await up();
    expect(await call('look')).toBe('LEASE_OVER');
    turn(29);
  });

  it('of an agent whose owner is disabled or loses the role ends at once, until its backup takes over', async () => {
    expect((await looks(ada)).done.status).toBe(200);
    await person(sam).signIn();
    await person(grace).signIn();
    const apply = async (more: Record<string, string>) => {
      ground.write('lanyard.yaml', configurationOf(more));
      expect(await person(sam).do('/v1/apply', { dryRun: false })).toMatchObject({ status: 200 });
    };
    const with_ = (of: string) =>
      `people: [{ id: ada, name: Ada, ${of} }, { id: grace, name: Grace, roles: [owner] }, { id: sam, name: Sam, roles: [owner, admin] }]`;
    expect((await person(grace).do('/v1/agents/writer/take-over')).body.error.sentence).toContain(
      'answers for writer still',
    );
    await apply({ people: with_('roles: [reviewer]') });
    expect(await call('look')).toBe('NO_OWNER');
    await apply({ people: with_('roles: [owner], disabled: true') });
    expect(await call('look')).toBe('NO_OWNER');
    expect((await person(sam).get('/v1/duties')).body.duties).toContainEqual(
      expect.objectContaining({ kind: 'take-over', person: 'grace', agent: 'writer' }),
    );
    // Nobody but the backup, not an admin either, and not without a passkey.
    await person(grace).signIn();
    expect((await person(sam).do('/v1/agents/writer/take-over')).status).not.toBe(200);
    expect((await person(grace).post('/v1/agents/writer/take-over')).status).toBe(202);
    expect(await call('look')).toBe('NO_OWNER');
    expect((await person(grace).do('/v1/agents/writer/take-over')).status).toBe(200);
    expect(await call('look')).toBe('ran');
    expect((await entries('containment.taken-over')).at(-1)).toMatchObject({
      by: 'person',
      person: 'grace',
      agent: 'writer',
      owner: 'grace',
      from: 'ada',
      proof: { statement: { purpose: 'take-over' } },
    });
    expect((await looks(grace)).done.status).toBe(200);

    // It holds over restarts and applies that say nothing about it, and ends with one that does.
    await apply({ people: with_('roles: [owner, admin]') });
    await instance.stop();
    await up();
    const ownerOf = async () =>
      ((await ask(ground.config, 'GET /v1/agents')) as Body[]).find(({ id }) => id === 'writer');
    expect(await ownerOf()).toMatchObject({ owner: 'grace', backup: null, ownerless: false });
    await person(sam).signIn();
    await apply({ agents: agentsWith('owner: sam') });
    expect((await entries('operator.applied')).at(-1)).toMatchObject({ handedBack: ['writer'] });
    await apply({ agents: agentsWith('owner: ada, backup: grace') });
    expect(await ownerOf()).toMatchObject({ owner: 'ada', backup: 'grace' });
    expect(await call('look')).toBe('ran');
  });

  it('that was changed beside the log freezes everything', async () => {
    expect((await looks(ada)).done.status).toBe(200);
    expect(await call('look')).toBe('ran');
    const { store } = instance.house;
    const cell = JSON.parse((await store.cell('lease', 'writer')) ?? '{}');
    const later = JSON.stringify({ ...cell, since: new Date(clock.now() + 300 * DAY).toISOString() });
    await store.append({
      first: await store.size(),
      entries: [],
      bodies: [],
      cells: [{ kind: 'lease', key: 'writer', value: later }],
    });
    await instance.stop();
    await up();
    expect(await call('look')).toBe('FROZEN');
    expect(logged.join('\n')).toContain('lease writer is kept otherwise than the log says');
  });
});
