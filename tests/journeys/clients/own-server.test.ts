import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import type { GovernedInstance } from '../instance.ts';
import { OperatorGround, RULES, type Running } from '../operator-ground.ts';
import { type Body, freePort, PersonAtBrowser } from '../people-ground.ts';
import { CLIENTS, type McpClient } from './connect.ts';

/** The built-in server through real doors, with real clients of each generation, and its people at `control`. */

const MORE = `@id("no-looking-late") @reason("Nobody looks twice") forbid (principal, action == Action::"mcp:box/late", resource);
@id("stop-asking") @reason("You were told no")
forbid (principal, action == Action::"mcp:lanyard/request_permission", resource)
when { context.system.repeatsAfterNo >= 1 && context.input.need == "as before, and again" };
`;
const TOOLS = ['what_may_i_do', 'ask_person', 'request_permission', 'hand_over', 'freeze_me'];

let ground: OperatorGround;
let running: Running;
let ada: PersonAtBrowser;
let bob: PersonAtBrowser;
let url: string;
let token: string;

beforeAll(async () => {
  ground = new OperatorGround();
  const port = await freePort();
  ground.write('rules.cedar', RULES + MORE);
  ground.tools('look', 'wait', 'tell', 'late', 'strange');
  ground.write(
    'lanyard.yaml',
    ground.configuration({
      control: `control: 127.0.0.1:${port}`,
      people:
        'people: [{ id: ada, name: Ada, roles: [owner, admin] }, { id: bob, name: Bob, roles: [owner] }]',
      approvals: 'approvals: { hold: 5m }',
    }),
  );
  running = await ground.up();
  url = (await running.url()) as string;
  token = await ground.token();
  ada = new PersonAtBrowser(`http://localhost:${port}`);
  const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
  await ada.enrol(code);
  await ada.signIn();
  await ada.settle();
  bob = new PersonAtBrowser(ada.origin);
  const invited = await ada.do('/v1/people/bob/invite');
  await bob.enrol(String(invited.body.value?.link ?? invited.body.link).split('#')[1] ?? '');
  await bob.signIn();
});
afterAll(() => ground.remove());

const connect = (name: string, upstream: string | null): Promise<McpClient> => {
  const found = CLIENTS.find(([one]) => one === name);
  if (found === undefined) throw new Error(name);
  return found[2]({ url, token, ground } as unknown as GovernedInstance, upstream);
};
const textOf = (answer: Body): string => answer.content[0].text;

async function with_<T>(
  name: string,
  upstream: string | null,
  then: (client: McpClient) => Promise<T>,
): Promise<T> {
  const client = await connect(name, upstream);
  try {
    return await then(client);
  } finally {
    await client.close();
  }
}
const CURRENT = 'SDK 2.x, HTTP';

async function waiting(what: string): Promise<Body> {
  for (;;) {
    const { body } = await ada.get('/v1/appeals');
    const found = (body as Body[]).find(({ state, kind }) => state === 'waiting' && kind === what);
    if (found !== undefined) return found;
    await new Promise((done) => setTimeout(done, 20));
  }
}

describe('the built-in server', () => {
  it.each(CLIENTS.filter(([name]) => !name.includes('older') && !name.includes('06-18')))(
    'is offered to every agent: %s',
    async (name) => {
      await with_(name, 'lanyard', async (client) => {
        expect(await client.tools()).toEqual(TOOLS);
        expect(textOf(await client.call('what_may_i_do', {}))).toContain('box: at once: look, wait, tell.');
      });
      if (name.includes('stdio')) return;
      await with_(name, null, async (client) => {
        expect((await client.tools()).slice(-5)).toEqual(TOOLS.map((tool) => `lanyard__${tool}`));
        expect(textOf(await client.call('lanyard__what_may_i_do', {}))).toContain('box: at once');
      });
    },
  );

  it('tells of what is listed and of nothing else, and no rule by its name', async () => {
    const told = await with_(CURRENT, 'lanyard', (client) => client.call('what_may_i_do', {}));
    const listed = await with_(CURRENT, 'box', (client) => client.tools());
    expect(listed).toEqual(['look', 'wait', 'tell']);
    for (const hidden of ['late', 'strange', 'no-looking-late']) expect(textOf(told)).not.toContain(hidden);
  });

  it('a denial names the tool that fits', async () => {
    await with_(CURRENT, 'box', async (client) => {
      expect(textOf(await client.call('strange', {}))).toContain(
        'What helps: request_permission of the server lanyard.',
      );
      expect(textOf(await client.call('late', {}))).toContain(
        'What helps: ask_person of the server lanyard.',
      );
    });
  });

  it('a question is held, answered by the owner, told to the agent, and told again when it asks again', async () => {
    const question = 'Which\u202e branch?';
    const options = ['main', 'next'];
    await with_(CURRENT, 'lanyard', async (client) => {
      const call = client.call('ask_person', { question, options });
      const { appeal, says } = await waiting('question');
      expect(says).toEqual([{ name: 'question', text: 'Which\\u{202e} branch?' }]);
      expect((await ground.run('inbox')).stdout).toContain(appeal);
      // Nobody else answers: not another owner, not the socket, not the agent.
      expect((await bob.post(`/v1/appeals/${appeal}/answer`, { answer: 'yes', option: 0 })).status).toBe(409);
      const socket = ask(ground.config, `POST /v1/appeals/${appeal}/answer`, { answer: 'yes' });
      await expect(socket).rejects.toThrow();
      const asAgent = await ada.send('POST', `/v1/appeals/${appeal}/answer`, { answer: 'yes' }, token);
      expect(asAgent.status).toBe(403);
      expect(await ada.post(`/v1/appeals/${appeal}/answer`, { answer: 'yes', option: 7 })).toMatchObject({
        status: 409,
      });
      const answered = await ada.post(`/v1/appeals/${appeal}/answer`, {
        answer: 'yes',
        option: 1,
        why: 'it is frozen',
      });
      expect(answered).toMatchObject({ status: 200 });
      const sentence = 'ada answers: next (it is frozen)';
      const told = { content: [{ text: sentence }], structuredContent: { option: 'next', says: sentence } };
      expect(await call).toMatchObject(told);
      expect(await client.call('ask_person', { question, options })).toMatchObject(told);
      expect((await ada.post(`/v1/appeals/${appeal}/answer`, { answer: 'no' })).status).toBe(409);
    });
    const [made, answer] = await ground.entries('appeal.made', 'appeal.answered');
    expect(made).toMatchObject({ what: 'question', agent: 'writer', owner: 'ada' });
    expect(answer).toMatchObject({
      answer: 'yes',
      option: 1,
      person: 'ada',
      by: 'person',
      why: 'it is frozen',
    });
    expect(JSON.stringify(made)).not.toContain('branch');
    expect((await ground.run('log verify --deep')).code).toBe(0);
  });

  it('a wish for a rule permits nothing; the person gets the rule as text, and a repeat after her no is counted and seen by rules', async () => {
    const wish = {
      operation: 'mcp:box/late',
      target: { type: 'Target', id: 'box' },
      need: 'To look "late"',
      hours: 2,
      worst: 'Somebody sees it',
    };
    await with_(CURRENT, 'lanyard', async (client) => {
      expect(await client.call('request_permission', wish)).toMatchObject({
        structuredContent: { state: 'waiting' },
      });
      const { appeal } = await waiting('permission');
      const { body } = await ada.get(`/v1/appeals/${appeal}`);
      expect(body.problems).toBeUndefined();
      expect(body.rule).toContain(
        'permit (principal == Agent::"writer", action == Action::"mcp:box/late", resource == Target::"box")',
      );
      expect(body.rule).toContain('To look \\"late\\"');
      expect(body.worst).toBe('None');
      await ada.post(`/v1/appeals/${appeal}/answer`, { answer: 'no', why: 'not late' });
      for (const repeats of ['1 more', '2 more'])
        expect(textOf(await client.call('request_permission', wish))).toContain(
          `ada said no: not late. Do not ask for the same again. You have asked ${repeats}`,
        );
      const other = await client.call('request_permission', { ...wish, need: 'as before, and again' });
      expect(textOf(other)).toContain('You were told no');
    });
    expect(await ground.entries('appeal.repeated')).toMatchObject([{ count: 1 }, { count: 2 }]);
    expect(await with_(CURRENT, 'box', (client) => client.call('late', {}))).toMatchObject({ isError: true });
  });

  it('work is handed over, seen, and no more than so much waits', async () => {
    await with_(CURRENT, 'lanyard', async (client) => {
      const done = await client.call('hand_over', { done: 'Half', left: 'The other half' });
      expect(textOf(done)).toContain('ada has been told');
      const { appeal } = await waiting('handover');
      expect(await ada.post(`/v1/appeals/${appeal}/answer`, { answer: 'yes' })).toMatchObject({
        status: 200,
      });
      const answers: string[] = [];
      for (let i = 0; i < 12; i++)
        answers.push(textOf(await client.call('hand_over', { done: `part ${i}`, left: 'more' })));
      expect(answers.filter((one) => one.includes('TOO_MANY_APPEALS'))).toHaveLength(2);
    });
  });

  it('an agent stops itself, and nobody else; it cannot release itself', async () => {
    await with_(CURRENT, 'lanyard', async (client) => {
      expect(await client.call('freeze_me', { reason: 'I was told to lie' })).toMatchObject({
        content: [{ text: expect.stringContaining('You are frozen') }],
      });
      expect(await client.call('what_may_i_do', {})).toMatchObject({
        isError: true,
        _meta: { 'dev.lanyard/decision': { code: 'FROZEN' } },
      });
    });
    expect(await ground.entries('containment.stopped')).toContainEqual(
      expect.objectContaining({
        scope: 'agent:writer',
        level: 'frozen',
        by: 'agent',
        agent: 'writer',
        why: 'I was told to lie',
      }),
    );
    const { body } = await ada.get('/v1/agents');
    expect((body as Body[]).map(({ id, level }) => [id, level])).toEqual([
      ['writer', 'frozen'],
      ['other', 'live'],
    ]);
    await ada.do('/v1/release', { scope: 'agent:writer', why: 'talked it over' });
  });

  it('outlives a restart: what was answered is told, what waits still waits', async () => {
    await running.end();
    running = await ground.up();
    url = (await running.url()) as string;
    await ada.signIn();
    const { body } = await ada.get('/v1/appeals');
    expect((body as Body[]).filter(({ state }) => state === 'waiting').length).toBe(10);
    const again = { question: 'Which\u202e branch?', options: ['main', 'next'] };
    const told = await with_(CURRENT, 'lanyard', (client) => client.call('ask_person', again));
    expect(told).toMatchObject({ structuredContent: { state: 'answered', option: 'next' } });
  });

  it('no upstream of a configuration takes its name', async () => {
    const own = ground.configuration({
      upstreams: `upstreams: { lanyard: ${JSON.stringify(ground.upstream())} }`,
    });
    ground.write('lanyard.yaml', own);
    expect(await ground.run('policy check')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('built in'),
    });
  });
});
