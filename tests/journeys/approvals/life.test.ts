import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { OperatorGround, RULES, type Running } from '../operator-ground.ts';
import { type Body, freePort, PersonAtBrowser } from '../people-ground.ts';
import { KNOWS, raw, until } from '../tasks/ground.ts';

/** What becomes of questions in a real instance: each door, each carrier, several people, and whoever tries it otherwise. */

const CATALOG = `catalog: plain
operations:
  look: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }
  tell: { risk: draft, effect: [update], reversibility: reversible, audience: self, worst: Overwrites, targets: [{ type: Note, id: "{id}" }] }
  late: { risk: comment, effect: [create], reversibility: externally-reversible, audience: public, worst: Says it, targets: [{ type: Note, id: "{id}" }] }
  wait: { risk: external, effect: [send], reversibility: irreversible, audience: public, worst: Sends, targets: [{ type: Note, id: "{id}" }] }
`;
const ASKS = `@id("drafts") @need("Drafts") permit (principal, action in Action::"risk:draft", resource);
@id("says") @need("Says") permit (principal, action in Action::"risk:comment", resource);
@id("sends") @need("Sends") permit (principal, action in Action::"risk:external", resource);
@id("tells") @reason("It changes a note") @review("owner")
forbid (principal, action == Action::"mcp:box/tell", resource);
@id("two") @review("2 of role:reviewer")
forbid (principal, action == Action::"mcp:box/late", resource);
@id("outside") @review("owner")
forbid (principal, action == Action::"mcp:box/wait", resource);
`;
const PEOPLE = `people:
  - { id: ada, name: Ada, roles: [owner, admin] }
  - { id: grace, name: Grace, roles: [reviewer] }
  - { id: alan, name: Alan, roles: [reviewer] }
  - { id: audra, name: Audra, roles: [auditor] }`;

let ground: OperatorGround;
let running: Running;
let url: string;
let token: string;
let ada: PersonAtBrowser;
let grace: PersonAtBrowser;
let alan: PersonAtBrowser;

async function join(id: string): Promise<PersonAtBrowser> {
  const { body } = await ada.do(`/v1/people/${id}/invite`);
  const person = new PersonAtBrowser(ada.origin);
  await person.enrol(new URL(body.link).hash.slice(1));
  await person.signIn();
  return person;
}

beforeAll(async () => {
  ground = new OperatorGround();
  const port = await freePort();
  ground.write('rules.cedar', RULES + ASKS);
  ground.write('catalog.yaml', CATALOG);
  ground.tools('look', 'tell', 'late', 'wait');
  ground.write(
    'lanyard.yaml',
    ground.configuration({
      control: `control: 127.0.0.1:${port}`,
      people: PEOPLE,
      approvals: 'approvals: { hold: 0s }',
    }),
  );
  running = await ground.up();
  url = await running.url();
  token = await ground.token();
  ada = new PersonAtBrowser(`http://localhost:${port}`);
  const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
  await ada.enrol(code);
  await ada.signIn();
  await ada.settle();
  grace = await join('grace');
  alan = await join('alan');
});
afterAll(() => ground.remove());

const call = (name: string, id: string) =>
  raw({ url, token, upstream: 'box' }, 'tools/call', { name, arguments: { id } }, {});
const metaOf = (result: Body): Body => result?._meta?.['dev.lanyard/decision'] ?? {};
/** Makes the call, which asks; the question about it. */
async function asked(name: string, id: string): Promise<Body> {
  const { approval, code } = metaOf((await call(name, id)).result);
  expect(code).toBe('APPROVAL_PENDING');
  return (await ada.get(`/v1/approvals/${approval}`)).body;
}
const answer = (who: PersonAtBrowser, { approval, digest }: Body) =>
  who.do(`/v1/approvals/${approval}/approve`, { digest });
const codeOf = async (name: string, id: string) => metaOf((await call(name, id)).result).code ?? 'ran';

describe('P5 questions in a real instance', () => {
  it('two of three: one is not enough, nobody counts twice, the owner is not among them', async () => {
    const question = await asked('late', 'q1');
    expect((await answer(ada, question)).status).toBe(409);
    expect((await answer(grace, question)).body).toMatchObject({ state: 'open' });
    expect((await answer(grace, question)).status).toBe(409);
    expect(await codeOf('late', 'q1')).toBe('APPROVAL_PENDING');
    expect((await answer(alan, question)).body).toMatchObject({ state: 'approved' });
    expect(await codeOf('late', 'q1')).toBe('ran');
    expect(await codeOf('late', 'q1')).toBe('APPROVAL_PENDING');
  });

  it('a GET of every page and route about it changes nothing', async () => {
    const question = await asked('tell', 'g1');
    const size = async () => (await ground.entries()).filter(({ kind }) => kind !== 'approval.shown').length;
    const before = await size();
    for (const path of [
      `/v1/approvals/${question.approval}`,
      `/v1/batch?of=${question.approval}`,
      '/v1/approvals',
      '/v1/grants',
      '/v1/inbox',
      `/approvals/${question.approval}`,
      `/v1/approvals/${question.approval}/approve`,
      `/v1/approvals/${question.approval}/grant`,
      '/v1/batch/approve',
    ])
      await fetch(`${ada.origin}${path}`, { headers: { authorization: `Bearer ${ada.token}` } });
    expect(await size()).toBe(before);
    expect(await codeOf('tell', 'g1')).toBe('APPROVAL_PENDING');
  });

  it('an answer replayed, to another question, or with another’s change counts for nothing', async () => {
    const [one, two] = [await asked('wait', 'r1'), await asked('wait', 'r2')];
    const first = await ada.post(`/v1/approvals/${one.approval}/approve`, { digest: one.digest });
    const second = await ada.post(`/v1/approvals/${two.approval}/approve`, { digest: two.digest });
    const begun = await ada.post(`/v1/changes/${first.body.id}/statement`);
    const response = ada.key.get(begun.body.options);
    // Of the first, brought to the second: it is used up by that, too.
    expect((await ada.post(`/v1/changes/${second.body.id}/sign`, { response })).status).toBe(403);
    expect((await ada.post(`/v1/changes/${first.body.id}/sign`, { response })).status).toBe(409);
    expect((await ada.sign(first.body.id)).status).toBe(200);
    expect((await ada.sign(first.body.id)).status).toBe(409);
    expect((await answer(ada, { ...two, digest: one.digest })).status).toBe(409);
    expect(await codeOf('wait', 'r2')).toBe('APPROVAL_PENDING');
    await ada.post(`/v1/approvals/${one.approval}/deny`, {});
  });

  it('a signature for each other purpose is none for a yes', async () => {
    const question = await asked('tell', 'p1');
    const waiting = await asked('wait', 'p2');
    const yes = await ada.post(`/v1/approvals/${waiting.approval}/approve`, { digest: waiting.digest });
    // Only what is stopped takes a signature to be released.
    expect((await ada.post('/v1/stop', { scope: 'session:over' })).status).toBe(200);
    const others = [
      await ada.post(`/v1/approvals/${question.approval}/grant`, {
        digest: question.digest,
        times: 2,
        forMs: 60_000,
      }),
      await ada.post('/v1/release', { scope: 'session:over', why: 'looked at' }),
      await ada.post('/v1/recovery-codes'),
      await ada.post('/v1/agents/other/token'),
    ];
    for (const other of others) {
      expect(other.status).toBe(202);
      const begun = await ada.post(`/v1/changes/${other.body.id}/statement`);
      const response = ada.key.get(begun.body.options);
      expect((await ada.post(`/v1/changes/${yes.body.id}/sign`, { response })).status).toBe(403);
      await ada.post(`/v1/changes/${other.body.id}/drop`);
    }
    const signIn = await ada.send('POST', '/v1/sign-in/start', {}, null);
    const response = ada.key.get(signIn.body.options);
    expect((await ada.post(`/v1/changes/${yes.body.id}/sign`, { response })).status).toBe(403);
    expect(await codeOf('wait', 'p2')).toBe('APPROVAL_PENDING');
  });

  it('two tabs that answer at once count once', async () => {
    const question = await asked('wait', 't1');
    const tab = async () => {
      const change = await ada.post(`/v1/approvals/${question.approval}/approve`, {
        digest: question.digest,
      });
      return change.status === 202 ? (await ada.sign(change.body.id)).status : change.status;
    };
    expect((await Promise.all([tab(), tab()])).sort()).toEqual([200, 409]);
    const told = await ground.entries('approval.answered');
    expect(told.filter((one) => one['approval'] === question.approval)).toHaveLength(1);
    await ada.post(`/v1/approvals/${question.approval}/deny`, {});
  });

  it('edited: decided anew, what was approved before counts no more, and what runs is the edit', async () => {
    const question = await asked('tell', 'e1');
    const path = `/v1/approvals/${question.approval}`;
    expect(JSON.parse(question.editable)).toEqual({ id: 'e1' });
    expect((await ada.do(`${path}/edit`, { digest: question.digest, arguments: { id: 'e2' } })).status).toBe(
      200,
    );
    expect((await answer(ada, question)).status).toBe(409);
    const edited = (await ada.get(path)).body;
    expect(edited.difference.length).toBeGreaterThan(0);
    expect((await answer(ada, edited)).body).toMatchObject({ state: 'approved' });
    const { result } = await call('tell', 'e1');
    expect((result as Body)._meta['dev.lanyard/edited']).toMatchObject({ arguments: { id: 'e2' } });
  });

  it('a grant by the console’s route, listed and taken back by the command line', async () => {
    const question = await asked('tell', 'n1');
    const path = `/v1/approvals/${question.approval}/grant`;
    const terms = { digest: question.digest, times: 2, forMs: 3_600_000 };
    expect((await grace.do(path, terms)).status).toBe(409);
    expect((await ada.do(path, terms)).status).toBe(200);
    expect(await codeOf('tell', 'n1')).toBe('ran');
    const listed = await ground.run('grants list');
    expect(listed.stdout).toContain('1 of 2');
    const [row] = JSON.parse((await ground.run('grants list --json')).stdout);
    expect(row).toMatchObject({ agent: 'writer', operation: 'mcp:box/tell', person: 'ada', used: 1 });
    expect((await ground.run(`grants revoke ${row.grant}`)).code).toBe(0);
    expect((await ground.run(`grants revoke ${row.grant}`)).code).toBe(1);
    expect(await codeOf('tell', 'n1')).toBe('APPROVAL_PENDING');
    const outside = await asked('wait', 'n2');
    const refused = await ada.post(`/v1/approvals/${outside.approval}/grant`, {
      ...terms,
      digest: outside.digest,
    });
    expect(refused.status).toBe(409);
    for (const one of [outside]) await ada.post(`/v1/approvals/${one.approval}/deny`, {});
  });

  it('several alike at once: what differs is shown, one signature answers all', async () => {
    const both = [await asked('tell', 'b1'), await asked('tell', 'b2')];
    const { body } = await ada.get(`/v1/batch?of=${both.map(({ approval }) => approval).join(',')}`);
    expect(body).toMatchObject({
      refused: null,
      rows: [{ differs: [{ path: 'id', text: '"b1"' }] }, { differs: [{ path: 'id', text: '"b2"' }] }],
    });
    const answers = both.map(({ approval, digest }) => ({ approval, digest }));
    expect((await ada.do('/v1/batch/approve', { answers })).body.approved).toHaveLength(2);
    for (const id of ['b1', 'b2']) expect(await codeOf('tell', id)).toBe('ran');
  });

  it('by the task carrier: a task at once, and its result once it was approved', async () => {
    const at = { url, token, upstream: 'box' };
    const made = await raw(at, 'tools/call', { name: 'tell', arguments: { id: 'k1' } }, KNOWS);
    const taskId = String((made.result as Body).taskId ?? (made.result as Body).task?.taskId);
    expect((made.result as Body).status ?? (made.result as Body).task?.status).toBe('working');
    const row = ((await ada.get('/v1/approvals')).body as Body[]).find(
      ({ state, targets }) => state === 'waiting' && targets[0].id === 'k1',
    );
    await answer(ada, (await ada.get(`/v1/approvals/${row.approval}`)).body);
    const seen = await until(
      () => raw(at, 'tasks/get', { taskId }, KNOWS),
      ({ result }) => (result as Body).status === 'completed',
    );
    expect(JSON.stringify(seen.result)).toContain('nothing');
    const outcomes = (await ground.entries('approval.spent')).filter(
      (one) => one['approval'] === row.approval,
    );
    expect(outcomes).toHaveLength(1);
  });

  it('at the check door: a deny that offers an access request, followed to its yes, spent once', async () => {
    const check = async (path: string, body?: object, more: Record<string, string> = {}) => {
      const response = await fetch(`${url}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Body };
    };
    const evaluation = {
      subject: { type: 'Agent', id: 'writer' },
      action: { name: 'mcp:box/tell' },
      resource: { type: 'Note', id: 'c1' },
      context: { input: { id: 'c1' } },
    };
    const { context } = (await check('/access/v1/evaluation', evaluation)).body;
    expect(context).toMatchObject({
      code: 'APPROVAL_PENDING',
      evaluation_id: context.action,
      access_request: { endpoint: '/access/v1/requests', binding_token: context.approval },
    });
    const { endpoint, binding_token } = context.access_request;
    const keyed = { 'idempotency-key': 'follow-1' };
    const begun = await check(endpoint, { binding_token }, keyed);
    expect(begun).toMatchObject({
      status: 202,
      body: { task: { id: context.approval, status: 'pending' }, next_action: 'none' },
    });
    expect(await check(endpoint, { binding_token }, keyed)).toEqual(begun);
    const second = { ...evaluation, resource: { type: 'Note', id: 'c2' }, context: { input: { id: 'c2' } } };
    const others = (await check('/access/v1/evaluation', second)).body.context.approval;
    for (const wrong of [keyed, { 'idempotency-key': 'x'.repeat(256) }, { 'idempotency-key': '' }])
      expect(await check(endpoint, { binding_token: others }, wrong)).toMatchObject({
        status: 422,
        body: expect.stringMatching(/^REQUEST_KEY_DIFFERS/),
      });
    expect((await check(endpoint, { binding_token: others })).status).toBe(202);
    await ada.post(`/v1/approvals/${others}/deny`, {});
    expect(await check(endpoint, { binding_token: others })).toMatchObject({
      status: 200,
      body: { task: { status: 'denied' }, next_action: 'none' },
    });
    expect((await check(endpoint, { binding_token: 'another' })).status).toBe(404);
    expect((await check(`${endpoint}/another`)).status).toBe(404);
    await answer(ada, (await ada.get(`/v1/approvals/${context.approval}`)).body);
    expect((await check(begun.body.task.status_endpoint)).body).toMatchObject({
      task: { status: 'approved' },
      next_action: 'retry',
      result: { mode: 'reevaluate', approval: { id: context.approval, state: 'approved' } },
    });
    const twice = await Promise.all([
      check('/access/v1/evaluation', evaluation),
      check('/access/v1/evaluation', evaluation),
    ]);
    expect(twice.filter(({ body }) => body.decision === true)).toHaveLength(1);
    const spent = (await ground.entries('approval.spent')).filter(
      (one) => one['approval'] === context.approval,
    );
    expect(spent).toHaveLength(1);
  });

  it('restarted in the middle, every question stands with its answers, and the log holds', async () => {
    const [half, whole] = [await asked('late', 's1'), await asked('tell', 's2')];
    await answer(grace, half);
    await answer(ada, whole);
    await running.end('SIGKILL');
    running = await ground.up();
    url = await running.url();
    expect((await ada.get('/v1/approvals')).status).toBe(401);
    for (const person of [ada, grace, alan]) await person.signIn();
    expect(await codeOf('tell', 's2')).toBe('ran');
    expect(await codeOf('late', 's1')).toBe('APPROVAL_PENDING');
    await answer(alan, half);
    expect(await codeOf('late', 's1')).toBe('ran');
    expect((await ground.run('log verify --deep')).code).toBe(0);
  });
});
