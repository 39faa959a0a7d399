import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { ask } from '../../../src/cli/instance.ts';
import type { Instance } from '../../../src/main/instance.ts';
import { start } from '../../../src/main/start.ts';
import { OperatorGround, RULES } from '../operator-ground.ts';
import { type Body, freePort, PersonAtBrowser } from '../people-ground.ts';
import { raw } from '../tasks/ground.ts';

/** What comes too late, or after something has moved, by a clock that is turned on; and how people come to be asked less. */

const CATALOG = `catalog: plain
operations:
  look: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }
  late: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }
  tell: { risk: draft, effect: [update], reversibility: reversible, audience: self, worst: Overwrites a note, targets: [{ type: Note, id: "{id}" }] }
  wait: { risk: external, effect: [send], reversibility: irreversible, audience: public, worst: Sends it, targets: [{ type: Note, id: "{id}" }] }
  bind: { risk: draft, effect: [update], reversibility: reversible, audience: self, worst: Overwrites a note, targets: [{ type: Note, id: "{id}" }], state: { operation: late, arguments: { id: "{id}" }, version: sha } }
`;
const ASKS = `@id("drafts") @need("Drafts") permit (principal, action in Action::"risk:draft", resource);
@id("sends") @need("Sends") permit (principal, action in Action::"risk:external", resource);
@id("asks") @reason("It changes a note") @review("owner")
forbid (principal, action in [Action::"mcp:box/tell", Action::"mcp:box/bind"], resource);
@id("outside") @review("owner") forbid (principal, action == Action::"mcp:box/wait", resource);
`;

let ground: OperatorGround;
let instance: Instance;
let token: string;
let ada: PersonAtBrowser;
let turnedMs = 0;
const MINUTE = 60_000;
const turn = (minutes: number) => {
  turnedMs += minutes * MINUTE;
};
const clock = { ...systemClock, now: () => systemClock.now() + turnedMs };

async function up(): Promise<void> {
  instance = await start({
    configPath: ground.config,
    environment: { PATH: process.env['PATH'] ?? '', HOME: ground.directory },
    log: () => undefined,
    clock,
  });
}

beforeAll(async () => {
  ground = new OperatorGround();
  const port = await freePort();
  ground.write('rules.cedar', RULES + ASKS);
  ground.write('catalog.yaml', CATALOG);
  ground.write('text', '{"sha":"one"}');
  ground.tools('look', 'tell', 'late', 'wait', 'bind');
  const upstream = ground.upstream({ TEXT_FILE: join(ground.directory, 'text') });
  ground.write(
    'lanyard.yaml',
    ground.configuration({
      control: `control: 127.0.0.1:${port}`,
      people:
        'people: [{ id: ada, name: Ada, roles: [owner, admin] }, { id: grace, name: Grace, roles: [owner] }]',
      agents: 'agents: [{ id: writer, owner: ada, purpose: Writes, cadence: 30d }]',
      upstreams: `upstreams: { box: ${JSON.stringify(upstream)} }`,
      approvals: 'approvals: { hold: 0s }',
    }),
  );
  await up();
  token = (
    (await ask(ground.config, 'POST /v1/token', { agent: 'writer', ttlMs: 3650 * 1440 * MINUTE })) as Body
  ).token;
  ada = new PersonAtBrowser(`http://localhost:${port}`);
  const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
  await ada.enrol(code);
  await ada.signIn();
  await ada.settle();
}, 60_000);
afterAll(async () => {
  await instance.stop();
  await ground.remove();
});

const metaOf = (result: Body): Body => result?._meta?.['dev.lanyard/decision'] ?? {};
async function called(name: string, id: string): Promise<Body> {
  const at = { url: instance.url, token, upstream: 'box' };
  const { result } = await raw(at, 'tools/call', { name, arguments: { id } }, {});
  return metaOf(result);
}
const codeOf = async (name: string, id: string): Promise<string> => (await called(name, id)).code ?? 'ran';
async function asked(name: string, id: string): Promise<Body> {
  const { approval, code } = await called(name, id);
  expect(code).toBe('APPROVAL_PENDING');
  return (await ada.get(`/v1/approvals/${approval}`)).body;
}
const answer = ({ approval, digest }: Body) => ada.do(`/v1/approvals/${approval}/approve`, { digest });
const deny = ({ approval }: Body) => ada.post(`/v1/approvals/${approval}/deny`, { why: 'no' });
const told = async (kind: string, approval: string): Promise<Body[]> =>
  (await ground.entries(kind)).filter((one) => one['approval'] === approval);

describe('P5 an answer that comes late', () => {
  it('a late yes makes a fresh approval, for the next identical attempt, once', async () => {
    const question = await asked('tell', 'l1');
    turn(16);
    expect((await answer(question)).body).toMatchObject({ state: 'approved' });
    expect(await told('approval.answered', question.approval)).toMatchObject([{ revived: true }]);
    expect(await codeOf('tell', 'l2')).toBe('APPROVAL_PENDING');
    expect(await codeOf('tell', 'l1')).toBe('ran');
    expect(await told('approval.spent', question.approval)).toHaveLength(1);
    expect(await codeOf('tell', 'l1')).toBe('APPROVAL_PENDING');
  });

  it('and is good for the same span once more, not for ever, and not twice', async () => {
    const question = await asked('tell', 'l3');
    turn(16);
    expect((await answer(question)).status).toBe(200);
    turn(16);
    expect((await called('tell', 'l3')).approval).not.toBe(question.approval);
    expect((await answer(question)).body.error.code ?? '').not.toBe('');
    expect(await told('approval.spent', question.approval)).toHaveLength(0);
  });

  it('while its agent is frozen the time runs on: what was approved before is not there after the release', async () => {
    const [waiting, approved] = [await asked('tell', 'f1'), await asked('tell', 'f2')];
    expect((await answer(approved)).status).toBe(200);
    await ask(ground.config, 'POST /v1/stop', { scope: 'agent:writer', level: 'frozen' });
    turn(16);
    const reasons = async () =>
      (await Promise.all([waiting, approved].map((one) => told('approval.expired', one.approval))))
        .flat()
        .map(({ reason }) => reason);
    await expect.poll(reasons, { timeout: 60_000 }).toEqual(['unanswered', 'unspent']);
    expect((await ada.do('/v1/release', { scope: 'agent:writer', why: 'looked at' })).status).toBe(200);
    expect((await called('tell', 'f2')).approval).not.toBe(approved.approval);
    expect(await told('approval.spent', approved.approval)).toEqual([]);
  });

  it('a target that has changed since is asked about anew, whoever said yes', async () => {
    const question = await asked('bind', 't1');
    await answer(question);
    ground.write('text', '{"sha":"two"}');
    const again = await called('bind', 't1');
    expect(again).toMatchObject({ code: 'APPROVAL_PENDING' });
    expect(again.approval).not.toBe(question.approval);
    expect(await told('approval.cancelled', question.approval)).toMatchObject([{ reason: 'target-changed' }]);
    expect(await told('approval.asked', again.approval)).toMatchObject([{ instead: question.approval }]);
    // Whoever comes by an older message is told where it is now.
    const fate = async (approval: string) => (await ada.get(`/v1/approvals/${approval}/fate`)).body;
    expect((await ada.get(`/v1/approvals/${question.approval}`)).body.error.code).toBe('UNKNOWN_APPROVAL');
    expect(await fate(question.approval)).toMatchObject({
      ended: 'target-changed',
      instead: again.approval,
      agent: 'writer',
      operation: 'mcp:box/bind',
    });
    expect(await fate(again.approval)).toMatchObject({ ended: null, instead: null });
    for (const none of ['nothing', '0'.repeat(26)])
      expect((await fate(none)).error.code).toBe('UNKNOWN_APPROVAL');
    await answer((await ada.get(`/v1/approvals/${again.approval}`)).body);
    expect(await codeOf('bind', 't1')).toBe('ran');
    expect(await fate(again.approval)).toMatchObject({ ended: 'spent', instead: null });
  });

  it('rules that changed between the yes and its use ask anew', async () => {
    const question = await asked('tell', 'c1');
    await answer(question);
    ground.write(
      'rules.cedar',
      `${RULES}${ASKS}@id("more") forbid (principal, action == Action::"mcp:box/look", resource)
when { context.input has id && context.input.id == "never" };
`,
    );
    expect((await ada.do('/v1/apply', { dryRun: false })).status).toBe(200);
    const again = await called('tell', 'c1');
    expect(again).toMatchObject({ code: 'APPROVAL_PENDING' });
    expect(again.approval).not.toBe(question.approval);
    expect(await told('approval.cancelled', question.approval)).toMatchObject([{ reason: 'rules-changed' }]);
    expect((await answer(question)).status).toBe(409);
  });

  it('an agent that has another owner since is asked about anew, and the yes of the one before is none', async () => {
    const question = await asked('tell', 'w1');
    expect((await answer(question)).body).toMatchObject({ state: 'approved' });
    const configuration = ground.read('lanyard.yaml');
    ground.write('lanyard.yaml', configuration.replace('owner: ada,', 'owner: grace,'));
    expect((await ada.do('/v1/apply', { dryRun: false })).status).toBe(200);
    const again = await called('tell', 'w1');
    expect(again).toMatchObject({ code: 'APPROVAL_PENDING' });
    expect(again.approval).not.toBe(question.approval);
    expect(await told('approval.cancelled', question.approval)).toMatchObject([{ reason: 'owner-changed' }]);
    expect((await answer({ ...question, approval: again.approval })).status).toBe(409);
    ground.write('lanyard.yaml', configuration);
    expect((await ada.do('/v1/apply', { dryRun: false })).status).toBe(200);
    expect(await told('approval.spent', question.approval)).toHaveLength(0);
  });

  it('what was signed for five minutes, an invitation of three days and a session of eight hours are over then', async () => {
    const { approval, digest } = await asked('wait', 'x1');
    const change = await ada.post(`/v1/approvals/${approval}/approve`, { digest });
    const begun = await ada.post(`/v1/changes/${change.body.id}/statement`);
    const response = ada.key.get(begun.body.options);
    turn(6);
    const refused = await ada.post(`/v1/changes/${change.body.id}/sign`, { response });
    expect(refused.body.error.code).toBe('CEREMONY_UNKNOWN');
    expect(await told('approval.answered', approval)).toEqual([]);

    const invited = await ada.do('/v1/people/grace/invite');
    const grace = new PersonAtBrowser(ada.origin);
    turn(3 * 24 * 60 + 1);
    const late = await grace.enrol(new URL(invited.body.link).hash.slice(1));
    expect(late).toMatchObject({ status: 403, body: { error: { code: 'CODE_REFUSED' } } });
    expect((await ada.get('/v1/approvals')).body.error.code).toBe('SESSION_OVER');
    await ada.signIn();
    const elsewhere = new PersonAtBrowser(ada.origin);
    elsewhere.key = ada.key;
    await elsewhere.signIn();
    expect((await ada.post('/v1/sign-out', { everywhere: true })).status).toBe(200);
    const dead = await elsewhere.post(`/v1/approvals/${approval}/approve`, { digest });
    expect(dead).toMatchObject({ status: 401, body: { error: { code: 'SESSION_OVER' } } });
    await ada.signIn();
  });
});

describe('P5 a recovery code', () => {
  it('makes a passkey that is none for a day, and one then, while everything stands still until a person releases it', async () => {
    const lost = new PersonAtBrowser(ada.origin);
    expect((await lost.enrol(ada.recoveryCodes[0] ?? '')).body).toMatchObject({
      passkey: { via: 'recovery' },
    });
    expect(await codeOf('tell', 'v1')).toBe('FROZEN');
    turn(24 * 60 - 1);
    expect((await lost.signIn()).body.error.sentence).toContain('is good from');
    turn(2);
    expect(await codeOf('tell', 'v1')).toBe('FROZEN');
    expect((await lost.signIn()).status).toBe(200);
    expect(await lost.do('/v1/release', { scope: 'all', why: 'it was me' })).toMatchObject({ status: 200 });
    expect(await codeOf('tell', 'v1')).toBe('APPROVAL_PENDING');
    await ada.signIn();
    await ada.do(`/v1/passkeys/${lost.key.credential}/remove`);
  });
});

describe('P5 asked less', () => {
  it('an approval offers the rule it would take and what that would have let pass; an admin applies it', async () => {
    const [first, other] = [await asked('tell', 'n1'), await asked('tell', 'n2')];
    await answer(first);
    expect(await codeOf('tell', 'n1')).toBe('ran');
    const [second, no] = [await asked('tell', 'n1'), other];
    await deny(second);
    await deny(no);
    turn(20);
    const third = await asked('tell', 'n1');
    const path = `/v1/approvals/${third.approval}/less`;
    const { body: less } = await ada.get(path);
    expect(less).toMatchObject({
      refused: null,
      exception: 'principal == Agent::"writer" && action == Action::"mcp:box/tell" && resource == Note::"n1"',
      rules: [{ rule: 'asks', file: 'rules.cedar' }],
      worst: 'Overwrites a note',
      passed: { count: 3, approved: 1, refused: 1, strangers: 3 },
    });
    expect(less.rules[0].text).toContain('@review("owner")');
    expect(less.passed.actions.map(({ said }: Body) => said)).toEqual(['no', 'yes', null]);
    expect(less.stillHeld).toBeGreaterThan(0);

    const listed = await ground.run(`approvals less ${third.approval}`);
    expect(listed.stdout).toContain('REFUSED by a person');
    expect(listed.stdout).toContain(`--yes ${less.shown}`);
    // How often people said no, rule by rule, as the log has it.
    const said = (await ground.entries('approval.answered')).filter(({ rules }) =>
      (rules as string[]).includes('asks'),
    );
    const times = (answer: string) => said.filter((one) => one['answer'] === answer).length;
    const rule = (await ada.get('/v1/rules')).body.rules.find(({ id }: Body) => id === 'asks');
    expect(rule.answers).toEqual({ yes: times('approve'), no: times('deny') });
    expect(times('deny')).toBeGreaterThan(0);
    // Looking changed nothing, and what was not shown is not taken.
    expect(await codeOf('tell', 'n1')).toBe('APPROVAL_PENDING');
    const swapped = await ada.post(path, { shown: `sha256:${'0'.repeat(64)}` });
    expect(swapped).toMatchObject({ status: 409 });
    const waiting = await ada.post(path, { shown: less.shown });
    expect(waiting).toMatchObject({ status: 202, body: { act: 'apply' } });
    expect(await codeOf('tell', 'n1')).toBe('APPROVAL_PENDING');
    expect((await ada.sign(waiting.body.id)).status).toBe(200);
    expect(await codeOf('tell', 'n1')).toBe('ran');
    expect(await codeOf('tell', 'n1')).toBe('ran');
    expect(await codeOf('tell', 'n3')).toBe('APPROVAL_PENDING');
    expect(await codeOf('bind', 'n1')).toBe('APPROVAL_PENDING');
    expect((await ground.entries('operator.applied')).at(-1)).toMatchObject({
      person: 'ada',
      set: less.shown,
      asksLess: { approval: third.approval, rules: ['asks'], exception: less.exception },
    });
  });

  it('is not undone in silence: an apply of files that know nothing of it says so first, and merely tightens', async () => {
    const says =
      /^! rules\.cedar: rule asks asks again .* as ada applied on 20\S+; .*\n {4}unless \{ principal == /m;
    const dry = await ground.run('apply --dry-run');
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringMatching(says) });
    // Those about n3 and bind: every question was asked under the rules of before.
    expect(dry.stdout + dry.stderr).toContain('2 questions that wait end with it: each is asked anew');
    expect(await codeOf('tell', 'n1')).toBe('ran');
    const rules = (await ada.get('/v1/rules')).body;
    expect(rules.pending.changes[0]).toContain('rule asks asks again');
    expect(await ground.run('apply')).toMatchObject({ code: 0, stdout: expect.stringMatching(says) });
    expect((await ground.entries('operator.applied')).at(-1)).toMatchObject({ by: 'socket', tightens: true });
    expect(await codeOf('tell', 'n1')).toBe('APPROVAL_PENDING');
    expect((await ground.run('apply --dry-run')).stdout).toContain('Nothing differs');
  });

  it('never about what reaches people outside, and never by the socket alone', async () => {
    const question = await asked('wait', 'o1');
    const { body } = await ada.get(`/v1/approvals/${question.approval}/less`);
    expect(body.refused).toContain('always asked');
    expect(body.rules).toEqual([]);
    expect(await ground.run(`approvals less ${question.approval}`)).toMatchObject({ code: 3 });
    const taken = await ada.post(`/v1/approvals/${question.approval}/less`, {
      shown: `sha256:${'0'.repeat(64)}`,
    });
    expect(taken.status).toBe(409);
  });
});

describe('what is kept of arguments', () => {
  it('goes at the start, however long nothing ran', async () => {
    const [decided] = (await ground.entries('action.decided')).slice(-1);
    const action = String(decided?.['action']);
    expect(await instance.house.store.body(action, 'arguments')).not.toBeNull();
    await instance.stop();
    turnedMs += LIMITS.bodyRetentionMs + MINUTE;
    await up();
    for (;;) {
      if ((await instance.house.store.body(action, 'arguments')) === null) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});

describe('a stop that nobody takes back', () => {
  it('P4 does not run out: it stands years later', async () => {
    await ask(ground.config, 'POST /v1/stop', { scope: 'upstream:box', level: 'frozen' });
    turn(5 * 365 * 24 * 60);
    expect(await ask(ground.config, 'GET /v1/status')).toMatchObject({
      levels: { 'upstream:box': 'frozen' },
    });
    expect(await codeOf('look', 'y1')).not.toBe('ran');
  });
});
