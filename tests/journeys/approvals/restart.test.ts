import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { OperatorGround, RULES, type Running } from '../operator-ground.ts';
import { type Body, freePort, PersonAtBrowser } from '../people-ground.ts';
import { KNOWS, raw, until } from '../tasks/ground.ts';

/** What stands of questions, their tasks and the pins when an instance is killed, and when a hand was in its state. */

const CATALOG = `catalog: plain
operations:
  look: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }
  tell: { risk: draft, effect: [update], reversibility: reversible, audience: self, worst: Overwrites, targets: [{ type: Note, id: "{id}" }] }
  late: { risk: draft, effect: [update], reversibility: reversible, audience: self, worst: Overwrites }
`;
const ASKS = `@id("drafts") @need("Drafts") permit (principal, action in Action::"risk:draft", resource);
@id("tells") @review("owner") forbid (principal, action in [Action::"mcp:box/tell", Action::"mcp:box/late"], resource);
`;

let ground: OperatorGround;
let running: Running;
let token: string;
let other: string;
let url: string;
let ada: PersonAtBrowser;

async function start(): Promise<void> {
  running = await ground.up();
  url = await running.url();
}

beforeAll(async () => {
  ground = new OperatorGround();
  const port = await freePort();
  ground.write('rules.cedar', RULES + ASKS);
  ground.write('catalog.yaml', CATALOG);
  ground.tools('look', 'tell', 'late');
  ground.write(
    'lanyard.yaml',
    ground.configuration({
      control: `control: 127.0.0.1:${port}`,
      people: 'people: [{ id: ada, name: Ada, roles: [owner, admin] }]',
      approvals: 'approvals: { hold: 0s }',
      redact: 'redact: ["sesame-[0-9]+"]',
    }),
  );
  await start();
  token = await ground.token();
  other = await ground.token('other');
  ada = new PersonAtBrowser(`http://localhost:${port}`);
  const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
  await ada.enrol(code);
  await ada.signIn();
  await ada.settle();
});
afterAll(() => ground.remove());

const at = (who = token) => ({ url, token: who, upstream: 'box' });
const metaOf = (result: Body): Body => result?._meta?.['dev.lanyard/decision'] ?? {};
async function codeOf(name: string, id: string): Promise<string> {
  const { result } = await raw(at(), 'tools/call', { name, arguments: { id } }, {});
  return metaOf(result).code ?? 'ran';
}
/** The call as a task: its id. */
async function taskOf(id: string, name = 'tell'): Promise<string> {
  const { result } = await raw(at(), 'tools/call', { name, arguments: { id } }, KNOWS);
  expect(result).toMatchObject({ status: 'working' });
  return String(result['taskId']);
}
const taskAt = (taskId: string, who = token) => raw(at(who), 'tasks/get', { taskId }, KNOWS);
async function questionAbout(id: string): Promise<Body> {
  const row = ((await ada.get('/v1/approvals')).body as Body[]).find(
    ({ state, targets }) => state === 'waiting' && targets[0].id === id,
  );
  return (await ada.get(`/v1/approvals/${row.approval}`)).body;
}
const approve = ({ approval, digest }: Body) => ada.do(`/v1/approvals/${approval}/approve`, { digest });
const countOf = async (kind: string, approval: string) =>
  (await ground.entries(kind)).filter((one) => one['approval'] === approval).length;

function withState(change: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(join(ground.state, 'log.sqlite'));
  change(db);
  db.close();
}

describe('P5 a call that waits as a task', () => {
  it('outlives kill -9: the same agent finds it, nobody else, a yes runs it once, and its result is there', async () => {
    const taskId = await taskOf('k1');
    await running.end('SIGKILL');
    await start();
    await ada.signIn();
    expect((await taskAt(taskId)).result).toMatchObject({ taskId, status: 'working' });
    expect((await taskAt(taskId, other)).code).toBe('UNKNOWN_TASK');
    const question = await questionAbout('k1');
    expect((await approve(question)).status).toBe(200);
    const done = await until(
      () => taskAt(taskId),
      ({ result }) => result['status'] !== 'working',
    );
    expect(done.result).toMatchObject({ status: 'completed', result: { content: [{ text: 'nothing' }] } });
    expect(await countOf('approval.spent', question.approval)).toBe(1);
    // Made again it asks anew: the yes is used up.
    expect(await codeOf('tell', 'k1')).toBe('APPROVAL_PENDING');
  });

  it('over a restart a no ends it as denied, and what was over before is told as over', async () => {
    const [denied, spent] = [await taskOf('k2'), await taskOf('k3')];
    const [no, yes] = [await questionAbout('k2'), await questionAbout('k3')];
    await approve(yes);
    await until(
      () => taskAt(spent),
      ({ result }) => result['status'] === 'completed',
    );
    await running.end();
    await start();
    await ada.signIn();
    expect((await taskAt(denied)).result).toMatchObject({ status: 'working' });
    expect((await ada.post(`/v1/approvals/${no.approval}/deny`, { why: 'not now' })).status).toBe(200);
    const over = await until(
      () => taskAt(denied),
      ({ result }) => result['status'] !== 'working',
    );
    expect(metaOf(over.result['result']).code).toBe('APPROVAL_DENIED');
    // Its end was told when it came; afterwards it is told as used up, or not known at all, and never run again.
    expect(['APPROVAL_SPENT', undefined]).toContain(metaOf((await taskAt(spent)).result['result']).code);
    expect(await countOf('approval.spent', yes.approval)).toBe(1);
  });
});

/** Killed, and started again. */
async function again(): Promise<void> {
  await running.end('SIGKILL');
  await start();
  await ada.signIn();
}
const over = (taskId: string) =>
  until(
    () => taskAt(taskId),
    ({ result }) => result['status'] !== 'working',
  );
const executed = async (action: string) =>
  (await ground.entries('action.outcome')).filter((one) => one.action === action);

describe('P5 a call that waits as a task, and was changed or not kept whole', () => {
  it('edited before and after the task was made, over kill -9: what was approved runs, exactly once', async () => {
    const before = await taskOf('e1');
    const asked = await questionAbout('e1');
    const edit = { digest: asked.digest, arguments: { id: 'e1-edited' } };
    expect((await ada.post(`/v1/approvals/${asked.approval}/edit`, edit)).status).toBe(200);
    const after = await taskOf('e1');
    await again();
    for (const taskId of [before, after])
      expect((await taskAt(taskId)).result).toMatchObject({ status: 'working' });
    const edited = await questionAbout('e1-edited').catch(async () => questionAbout('e1'));
    expect(edited).toMatchObject({ approval: asked.approval, edited: { arguments: { id: 'e1-edited' } } });
    expect((await approve(edited)).status).toBe(200);
    const ends = await Promise.all([over(before), over(after)]);
    const told = ends.map(({ result }) => metaOf(result['result']).code ?? 'ran');
    expect(told.sort()).toEqual(['APPROVAL_SPENT', 'ran']);
    const ran = ends.find(({ result }) => metaOf(result['result']).code === undefined);
    expect(JSON.stringify(ran?.result)).toContain('ada changed the arguments before this ran');
    expect(await executed(edited.action)).toMatchObject([{ outcome: 'ok' }]);
    expect(await executed(asked.action)).toEqual([]);
    const allowed = (await ground.entries('action.decided')).filter(
      ({ decision, action }) => decision === 'allow' && action === edited.action,
    );
    expect(allowed).toMatchObject([{ target: { type: 'Note', id: 'e1-edited' } }]);
    expect(await countOf('approval.spent', asked.approval)).toBe(1);
    // Nor after the next restart, be it that its end was told already.
    await again();
    expect(await executed(edited.action)).toHaveLength(1);
  });

  it('with arguments that were redacted, never runs from the store: its client is told to repeat it, and that runs once', async () => {
    const taskId = await taskOf('sesame-1234', 'late');
    const rows = (await ada.get('/v1/approvals')).body as Body[];
    const row = rows.find(({ state, operation }) => state === 'waiting' && operation === 'mcp:box/late');
    const { body: question } = await ada.get(`/v1/approvals/${row.approval}`);
    expect(question.redacted).toBe(true);
    await again();
    for (let starts = 0; starts < 2; starts++) {
      const told = metaOf((await over(taskId)).result['result'] as Body);
      expect(told).toMatchObject({ code: 'TASK_NOT_KEPT', approval: question.approval });
      expect(told.reason).toContain('make the same call again with the same arguments');
      await again();
    }
    expect((await approve(question)).status).toBe(200);
    expect(await executed(question.action)).toEqual([]);
    expect(await codeOf('late', 'sesame-9999')).toBe('APPROVAL_PENDING');
    expect(await codeOf('late', 'sesame-1234')).toBe('ran');
    expect(await executed(question.action)).toMatchObject([{ outcome: 'ok' }]);
    expect(await codeOf('late', 'sesame-1234')).toBe('APPROVAL_PENDING');
    expect(await countOf('approval.spent', question.approval)).toBe(1);
    expect((await ground.run('log verify --deep')).code).toBe(0);
  });

  it('taken back at the socket, it ends as that', async () => {
    const taskId = await taskOf('t1');
    const question = await questionAbout('t1');
    expect((await ground.run(`approvals deny ${question.approval} --why needless`)).code).toBe(0);
    const told = metaOf((await over(taskId)).result['result'] as Body);
    expect(told).toMatchObject({ code: 'APPROVAL_TAKEN_BACK', approval: question.approval });
    expect(await codeOf('tell', 't1')).toBe('APPROVAL_PENDING');
  });
});

describe('P4 a call that waits as a task, and a stop', () => {
  it('what a stop has ended is not taken up by a restart: it runs when its agent repeats it, and once', async () => {
    const call = { name: 'tell', arguments: { id: 's1' } };
    const made = await raw(at(other), 'tools/call', call, KNOWS);
    const taskId = String(made.result['taskId']);
    const question = await questionAbout('s1');
    expect((await ground.run('stop agent:other')).code).toBe(0);
    expect((await taskAt(taskId, other)).code).toBe('FROZEN');
    const ended = async () =>
      (await ground.entries('approval.carried')).some(
        (one) => one['task'] === taskId && one['ended'] === true,
      );
    await expect.poll(ended).toBe(true);
    await again();
    expect((await taskAt(taskId, other)).code).toBe('FROZEN');
    await ada.do('/v1/release', { scope: 'agent:other', why: 'looked at' });
    expect((await taskAt(taskId, other)).code).toBe('UNKNOWN_TASK');
    // The stop held the question; a yes to it runs nothing by itself.
    expect((await approve(question)).status).toBe(200);
    await again();
    expect(await executed(question.action)).toEqual([]);
    const repeated = await raw(at(other), 'tools/call', call, {});
    expect(repeated.result).toMatchObject({ content: [{ text: 'nothing' }] });
    expect(await executed(question.action)).toHaveLength(1);
  });
});

describe('P6 a hand in the state', () => {
  it('questions, tasks and pins that are not what the log says: frozen with their names, put right by the log, and released', async () => {
    const tasks = [await taskOf('h1'), await taskOf('h2')];
    expect(await codeOf('tell', 'h3')).toBe('APPROVAL_PENDING');
    const [changed, gone] = [await questionAbout('h1'), await questionAbout('h3')];
    await running.end('SIGKILL');
    withState((db) => {
      const swap = (kind: string, key: string, from: RegExp, to: string) => {
        const read = db.prepare('SELECT value FROM cells WHERE kind = ? AND key = ?');
        const { value } = read.get(kind, key) as { value: string };
        expect(value).toMatch(from);
        db.prepare('UPDATE cells SET value = ? WHERE kind = ? AND key = ?').run(
          value.replace(from, to),
          kind,
          key,
        );
      };
      // So that the call of another session, by another token, would be the one that was asked about.
      swap('approval', changed.approval, /"session":"[^"]*"/, '"session":"mine"');
      swap('held-task', tasks[1] ?? '', /"token":"[^"]*"/, '"token":"mine"');
      swap('pins', 'box/2025', /Does it/, 'Sends it elsewhere');
      db.prepare("DELETE FROM cells WHERE kind = 'approval' AND key = ?").run(gone.approval);
      db.prepare("INSERT INTO cells (kind, key, value) VALUES ('approval', 'planted', '{}')").run();
    });
    ground.tools('look | Sends it elsewhere', 'tell', 'late');
    await start();
    for (const line of [
      `approval ${changed.approval} is kept otherwise than the log says`,
      `approval ${gone.approval} is missing, and the log says it stands`,
      'approval planted is kept, and the log knows nothing of it',
      'pins box/2025 is kept otherwise than the log says',
      `the log knows no such task as ${tasks[1]}`,
    ])
      await running.says(line);
    expect((await ground.run('status --json')).stdout).toContain('the state differs from what the log says');
    expect(await codeOf('look', 'a')).toBe('FROZEN');
    await ada.signIn();
    const released = await ada.do('/v1/release', { scope: 'all', why: 'looked at' });
    expect(released.status).toBe(200);

    // What was pinned by that hand is hidden until somebody takes it.
    expect(await codeOf('look', 'a')).toBe('PIN_CHANGED');
    for (const one of [changed, gone])
      expect((await ada.get(`/v1/approvals/${one.approval}`)).status).toBe(409);
    expect((await taskAt(tasks[1] ?? '')).code).toBe('UNKNOWN_TASK');
    const ended = (await ground.entries('approval.cancelled')).filter(
      ({ reason }) => reason === 'state-differs',
    );
    expect(ended.map((one) => one['approval']).sort()).toEqual(
      [changed.approval, gone.approval, 'planted'].sort(),
    );
    await running.end();
    await start();
    expect(running.stderr).not.toContain('state: ');
    expect(await codeOf('look', 'a')).toBe('PIN_CHANGED');
    expect((await ground.run('log verify --deep')).code).toBe(0);
  });

  it('pins that were taken away are not taken anew from what is listed', async () => {
    await running.end();
    withState((db) => db.exec("DELETE FROM cells WHERE kind = 'pins'"));
    await start();
    await running.says('pins box/2025 is missing, and the log says it stands');
    await ada.signIn();
    expect((await ada.do('/v1/release', { scope: 'all', why: 'looked at' })).status).toBe(200);
    expect(await codeOf('tell', 'p1')).toBe('PIN_CHANGED');
    await running.end();
    await start();
    expect(await codeOf('tell', 'p1')).toBe('PIN_CHANGED');
  });
});
