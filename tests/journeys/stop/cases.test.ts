import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { ask } from '../../../src/cli/instance.ts';
import type { Instance } from '../../../src/main/instance.ts';
import { start } from '../../../src/main/start.ts';
import { current } from '../../doors/agents/running-door.ts';
import { OperatorGround } from '../operator-ground.ts';
import { type Body, freePort, PersonAtBrowser } from '../people-ground.ts';

/** What a trip and a stop leave behind: a case, looked into and closed by people. */

let ground: OperatorGround;
let instance: Instance;
let origin: string;
let ada: PersonAtBrowser;
let grace: PersonAtBrowser;
let eve: PersonAtBrowser;
let token: string;
let trip: Body;
let turnedMs = 0;

async function up(): Promise<void> {
  instance = await start({
    configPath: ground.config,
    environment: { PATH: process.env['PATH'] ?? '', HOME: ground.directory },
    log: () => undefined,
    clock: { ...systemClock, now: () => systemClock.now() + turnedMs },
  });
}

function send(name: string, id: string, as = token): Promise<string> {
  const { headers, body } = current('tools/call', { name, arguments: { id } }, 1);
  return fetch(`${instance.url}/mcp/box`, {
    method: 'POST',
    headers: {
      ...headers,
      authorization: `Bearer ${as}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: String(body),
  }).then((response) => response.text());
}

const entries = async (kind: string): Promise<Body[]> => {
  const found: Body[] = [];
  for await (const page of instance.house.store.find({ kinds: [kind] }))
    for (const { text } of page) found.push(JSON.parse(text));
  return found;
};

/** Of before there was anybody to sign: an instance is claimed under a stop of everything. */
const ofAgents = ({ scope }: Body): boolean => scope !== 'all';

/** Until so many stand in the log; the test's own time-out is the end of it. */
async function recorded(kind: string, count: number): Promise<Body[]> {
  for (;;) {
    const found = (await entries(kind)).filter(ofAgents);
    if (found.length >= count) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const AGENT = '{ id: writer, owner: ada, backup: grace, purpose: Looks }';
const DEBRIEF = { happened: 'It put thing after thing away', changes: 'It asks before it puts away' };

beforeAll(async () => {
  ground = new OperatorGround();
  origin = `http://localhost:${await freePort()}`;
  const operation = (name: string, rest: string) =>
    `  ${name}: { ${rest}, reversibility: reversible, audience: self, worst: Moves it, targets: [{ type: Thing, id: "{id}" }]`;
  ground.write(
    'catalog.yaml',
    [
      'catalog: plain',
      'operations:',
      '  look: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }',
      `${operation('tell', 'risk: draft, effect: [update]')}, undo: { operation: late, arguments: { id: "{id}" } } }`,
      `${operation('late', 'risk: draft, effect: [update]')} }`,
      `${operation('wait', 'risk: draft, effect: [update]')} }`,
      '',
    ].join('\n'),
  );
  ground.write(
    'rules.cedar',
    `@id("all") @need("t") permit (principal, action in [Action::"risk:read", Action::"risk:draft"], resource);
@id("too-many") @trip("frozen") @reason("More than four within an hour")
forbid (principal, action in Action::"risk:draft", resource) when { context.system.changesLastHour >= 4 };
@id("never-late") @trip("watched") @reason("It is never late")
forbid (principal == Agent::"third", action == Action::"mcp:box/late", resource);
`,
  );
  ground.tools('look', 'wait', 'tell', 'late');
  ground.write(
    'lanyard.yaml',
    ground.configuration({
      control: `control: 127.0.0.1:${new URL(origin).port}`,
      people:
        'people: [{ id: ada, name: Ada, roles: [owner, admin] }, { id: grace, name: Grace, roles: [owner] }, { id: eve, name: Eve, roles: [owner] }]',
      agents: `agents: [${AGENT}, { id: other, owner: eve, purpose: Looks }, { id: third, owner: eve, purpose: Looks }]`,
    }),
  );
  await up();
  token = ((await ask(ground.config, 'POST /v1/token', { agent: 'writer', ttlMs: 3_600_000 })) as Body).token;
  [ada, grace, eve] = [0, 1, 2].map(() => new PersonAtBrowser(origin)) as [
    PersonAtBrowser,
    PersonAtBrowser,
    PersonAtBrowser,
  ];
  const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as Body;
  await ada.enrol(code);
  await ada.signIn();
  await ada.settle();
  for (const [id, who] of [
    ['grace', grace],
    ['eve', eve],
  ] as const) {
    const invited = await ada.do(`/v1/people/${id}/invite`);
    await who.enrol(new URL(invited.body.link).hash.slice(1));
    await who.signIn();
  }
}, 90_000);
afterAll(async () => {
  await instance.stop();
  await ground.remove();
});

describe('a case', () => {
  it('P4 is opened by a trip, with what the rule saw', async () => {
    await send('look', 'a');
    await send('tell', 'a');
    await send('tell', 'b');
    const waiting = Promise.all([send('wait', 'c'), send('wait', 'c')]);
    await recorded('action.decided', 5);
    expect(await send('tell', 'd')).toContain('too-many');
    await waiting;
    [trip] = await recorded('case.opened', 1);
    const [tripped] = await entries('containment.tripped');
    expect(trip).toMatchObject({
      by: 'case',
      scope: 'agent:writer',
      level: 'frozen',
      stop: tripped.seq,
      stoppedBy: 'trip',
      rules: ['too-many'],
      past: { changesLastHour: 4 },
    });
  });

  it('shows unknown ends first, and what was done by target, with what takes it back', async () => {
    await recorded('action.outcome', 5);
    const { body } = await ada.get(`/v1/cases/${trip.case}`);
    expect(body).toMatchObject({
      scope: 'agent:writer',
      level: 'frozen',
      now: 'frozen',
      closed: null,
      reads: 1,
    });
    expect(body.since.by).toBe('day');
    expect(body.unknown).toMatchObject([
      { operation: 'mcp:box/wait', targets: [{ id: 'c' }], resolved: null, holds: true },
      { operation: 'mcp:box/wait', targets: [{ id: 'c' }], resolved: null, holds: true },
    ]);
    const done = Object.fromEntries(body.done.map((row: Body) => [row.target.id, row.operations]));
    expect(Object.keys(done).sort()).toEqual(['a', 'b', 'c']);
    expect(done['a']).toMatchObject([
      { operation: 'mcp:box/tell', times: 1, reversibility: 'reversible', undo: 'late' },
    ]);
    const duties = (await ada.get('/v1/duties')).body.duties.filter(({ kind }: Body) => kind === 'case');
    expect(duties).toContainEqual(
      expect.objectContaining({ person: 'ada', agent: 'writer', path: `/cases/${trip.case}` }),
    );
    // What tripped it is an alert, and to acknowledge it is a duty of hers as well.
    await expect
      .poll(async () => (await ada.get('/v1/duties')).body.duties)
      .toContainEqual(
        expect.objectContaining({
          ...{ kind: 'alert', person: 'ada', agent: 'writer' },
          path: expect.stringMatching(/^\/alerts\/[0-9A-Z]{26}$/),
        }),
      );
    const shown = await ground.run(`cases show ${trip.case}`);
    expect(shown.stdout).toContain('too-many: More than four within an hour');
    expect(shown.stdout).toContain('changesLastHour 4');
    expect(shown.stdout).toMatch(/Nobody knows how these ended.*\n.*mcp:box\/wait Thing c: unknown/);
    expect(shown.stdout).toContain('mcp:box/tell: reversible, taken back by late');
  });

  it('a harder stop joins it, a repeat does nothing, a stop of something else opens its own', async () => {
    await ask(ground.config, 'POST /v1/stop', { scope: 'agent:writer', level: 'frozen' });
    await ask(ground.config, 'POST /v1/stop', { scope: 'agent:writer', level: 'killed', why: 'enough' });
    await ask(ground.config, 'POST /v1/stop', { scope: 'agent:other', level: 'watched' });
    expect(await recorded('case.joined', 1)).toMatchObject([
      { case: trip.case, level: 'killed', why: 'enough' },
    ]);
    expect(await recorded('case.opened', 2)).toMatchObject([
      {},
      { scope: 'agent:other', stoppedBy: 'socket' },
    ]);
    const rows = (await ask(ground.config, 'GET /v1/cases')) as Body[];
    expect(rows.filter(ofAgents)).toMatchObject([
      { case: trip.case, level: 'killed', closed: null },
      { scope: 'agent:other', level: 'watched', closed: null },
    ]);
    const { body } = await ada.get(`/v1/cases/${trip.case}`);
    expect(body.stops).toMatchObject([{ by: 'trip' }, { by: 'socket', why: 'enough' }]);
  });

  it('outlives the process, the same', async () => {
    const before = await ask(ground.config, 'GET /v1/cases');
    await instance.stop();
    await up();
    expect(instance.house.halt.fault).toBeNull();
    expect(await ask(ground.config, 'GET /v1/cases')).toEqual(before);
    expect((await entries('case.opened')).filter(ofAgents)).toHaveLength(2);
    for (const who of [ada, grace, eve]) await who.signIn();
  });

  it('is not closed while something has an unknown end, nor by who does not answer for it, nor unsigned by the socket', async () => {
    const path = `/v1/cases/${trip.case}/close`;
    const early = await ada.post(path, DEBRIEF);
    expect(early.body.error).toMatchObject({
      code: 'CASE_UNRESOLVED',
      sentence: expect.stringContaining('mcp:box/wait'),
    });
    const { body } = await ada.get(`/v1/cases/${trip.case}`);
    const actions = body.unknown.map(({ action }: Body) => action);
    expect(actions).toHaveLength(2);
    // One gesture, an entry for each; with anything unlike it, none.
    const known = (await entries('action.decided')).find(({ operation }) => operation === 'mcp:box/tell');
    const alike = (more: Body, who = ada) =>
      who.post('/v1/resolve-alike', { ended: 'not-done', why: 'looked', ...more });
    expect((await alike({ actions: [...actions, known?.action] })).body.error.code).toBe('OUTCOME_KNOWN');
    expect((await alike({ actions }, eve)).status).toBeGreaterThanOrEqual(400);
    expect(await entries('operator.resolved')).toEqual([]);
    expect((await alike({ actions })).body).toEqual({ resolved: actions });
    expect((await entries('operator.resolved')).map(({ resolves }) => resolves)).toEqual(actions);
    expect((await ada.get(`/v1/cases/${trip.case}`)).body.unknown).toMatchObject([
      { resolved: 'not-done', holds: false },
      { resolved: 'not-done', holds: false },
    ]);
    expect((await alike({ actions })).body.error.code).toBe('RESOLVED_ALREADY');
    expect((await eve.post(path, DEBRIEF)).body.error.code).toBe('NOT_ENTITLED');
    expect((await ada.post(path, { happened: ' ', changes: 'x' })).status).toBeGreaterThanOrEqual(400);
    const words = ['cases', 'close', trip.case, '--happened', 'all', '--changes', 'none'];
    const bySocket = ground.runWords(words);
    const { changes } = instance.house;
    while (changes.waiting().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    changes.dropAll('Nobody signs it.');
    expect((await bySocket).code).not.toBe(0);
    expect(await entries('case.closed')).toEqual([]);
  });

  it('P4 is closed by its backup with a debrief that is kept, and releases nothing', async () => {
    expect((await grace.post(`/v1/cases/${trip.case}/close`, DEBRIEF)).status).toBe(200);
    expect(await entries('case.closed')).toMatchObject([
      { case: trip.case, by: 'person', person: 'grace', ...DEBRIEF },
    ]);
    expect(instance.house.halt.levels.get('agent:writer')).toBe('killed');
    const { body } = await ada.get(`/v1/cases/${trip.case}`);
    expect(body).toMatchObject({ debrief: { ...DEBRIEF, person: 'grace' }, level: 'killed' });
    expect((await grace.post(`/v1/cases/${trip.case}/close`, DEBRIEF)).body.error.code).toBe('CASE_CLOSED');
    const listed = await ground.run('cases list');
    expect(listed.stdout).toMatch(new RegExp(`${trip.case}  killed .*Z  agent:writer`));
    const whole = await ground.run('log verify --deep');
    expect(whole.stdout + whole.stderr).not.toContain('unproven');
  });

  it('looks at what was done after a release, where a second trip joins it', async () => {
    const made = await ada.do('/v1/agents/other/token');
    const free = () => ada.do('/v1/release', { scope: 'agent:other', why: 'looked at it' });
    await eve.do('/v1/release', { scope: 'agent:other', why: 'mine' });
    expect(instance.house.halt.levels.get('agent:other')).toBeUndefined();
    // Half open: everything counts double for a while, and its page says until when.
    const shown = (await ada.get('/v1/agents/other')).body;
    expect(Date.parse(shown.halfOpenUntil)).toBeGreaterThan(instance.house.clock.now());
    expect((await ada.get('/v1/agents/third')).body.halfOpenUntil).toBeNull();
    const [, one] = (await recorded('case.opened', 2)) as [Body, Body];
    await send('tell', 'after', made.body.token);
    expect((await ada.get(`/v1/cases/${one.case}`)).body.done).toEqual([]);
    await ask(ground.config, 'POST /v1/stop', { scope: 'agent:other', level: 'watched', why: 'again' });
    await recorded('case.joined', 2);
    const { body } = await ada.get(`/v1/cases/${one.case}`);
    expect(body.done).toMatchObject([{ target: { id: 'after' }, times: 1 }]);
    expect(body.stops).toMatchObject([{ by: 'socket' }, { why: 'again' }]);
    await free();
  });

  it('P4 pages who answers for the agents that a stop of more than one is about, and whoever is paged can acknowledge', async () => {
    const scopes = ['owner:eve', 'upstream:box', 'operation:mcp:box/tell', 'target:a', 'all'];
    for (const scope of scopes) await ask(ground.config, 'POST /v1/stop', { scope, level: 'watched' });
    const wide = async () =>
      (await entries('alert.raised')).filter(({ subject }) => subject === 'stopped-wide');
    await expect.poll(async () => (await wide()).length).toBe(scopes.length);
    const people = Object.fromEntries((await wide()).map((one) => [one.scope, [one.people, one.backups]]));
    expect(people).toEqual({
      'owner:eve': [['eve'], []],
      'upstream:box': [['ada', 'eve'], ['grace']],
      'operation:mcp:box/tell': [['ada', 'eve'], ['grace']],
      'target:a': [['ada'], ['grace']],
      all: [['role:security'], undefined],
    });
    const told = (await wide()).find(({ scope }) => scope === 'target:a');
    expect((await eve.do('/v1/acknowledge', { id: told.alert })).body.error.code).toBe('NOT_ENTITLED');
    expect((await grace.do('/v1/acknowledge', { id: told.alert })).status).toBe(200);
    const duties = (await ada.get('/v1/duties')).body.duties;
    expect(duties).toContainEqual(
      expect.objectContaining({
        kind: 'alert',
        person: 'ada',
        sentence: 'upstream:box: Upstream box was stopped, for every agent.',
      }),
    );
    const { stdout } = await ground.run('inbox');
    expect(stdout).toMatch(
      /^PAGE Upstream box was stopped, for every agent\.\n {2}since .*, upstream:box; /m,
    );
    for (const scope of scopes) await ada.do('/v1/release', { scope, why: 'looked at' });
    // Half open is whom it was about, and at last everybody.
    const named = (await entries('containment.released')).slice(-scopes.length);
    expect(named.map(({ agents }) => agents)).toEqual([
      ['other', 'third'],
      ['writer', 'other', 'third'],
      ['writer', 'other', 'third'],
      ['writer'],
      undefined,
    ]);
    const { halfOpenUntil } = (await ada.get('/v1/agents/third')).body;
    expect((await ground.run('agent show third')).stdout).toContain(`Half open until ${halfOpenUntil}:`);
    expect(Date.parse(halfOpenUntil)).toBe(Date.parse(named.at(-1)?.at) + LIMITS.halfOpenMs);
    const open = async () => (await ada.get('/v1/alerts')).body.alerts.map(({ scope }: Body) => scope);
    await expect.poll(open).not.toContain('upstream:box');
  });

  it('P4 takes its agent down to frozen where nobody acknowledges the page, and no further', async () => {
    const made = await ada.do('/v1/agents/third/token');
    expect(await send('late', 'a', made.body.token)).toContain('never-late');
    await recorded('case.opened', 3);
    while ((await entries('alert.raised')).every(({ agent }) => agent !== 'third'))
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(instance.house.halt.levels.get('agent:third')).toBe('watched');
    turnedMs += LIMITS.roleAfterMs + LIMITS.pageEveryMs;
    const [, , joined] = await recorded('case.joined', 3);
    expect(joined).toMatchObject({ scope: 'agent:third', level: 'frozen', stoppedBy: 'case' });
    expect(instance.house.halt.levels.get('agent:third')).toBe('frozen');
  });
});
