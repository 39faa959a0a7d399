import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OlderHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { OperatorGround, RULES } from '../operator-ground.ts';
import { type Body, freePort, PersonAtBrowser } from '../people-ground.ts';

/** A real client, a real instance, and a person with a passkey who answers at `control`. Every carrier: approvals-carriers. */

let ground: OperatorGround;
let ada: PersonAtBrowser;
let url: string;
let token: string;

const ASKS = `@id("tells") @reason("It tells others") @review("owner")
forbid (principal, action == Action::"mcp:box/tell", resource);
`;

beforeAll(async () => {
  ground = new OperatorGround();
  const port = await freePort();
  ground.write('rules.cedar', RULES + ASKS);
  ground.write(
    'lanyard.yaml',
    ground.configuration({
      control: `control: 127.0.0.1:${port}`,
      people: 'people: [{ id: ada, name: Ada, roles: [owner, admin] }]',
      approvals: 'approvals: { hold: 5m }',
    }),
  );
  const running = await ground.up();
  url = await running.url();
  token = await ground.token();
  ada = new PersonAtBrowser(`http://localhost:${port}`);
  const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
  await ada.enrol(code);
  await ada.signIn();
  await ada.settle();
});
afterAll(() => ground.remove());

const address = () => new URL(`${url}/mcp/box`);
const bearer = () => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });
type Options = Parameters<OlderClient['callTool']>[2];

async function older(id: string, options: Options = {}): Promise<Body> {
  const client = new OlderClient({ name: 'journey', version: '1' });
  await client.connect(new OlderHttp(address(), bearer()) as Parameters<OlderClient['connect']>[0]);
  const answer = await client.callTool({ name: 'tell', arguments: { id } }, undefined, options);
  await client.close();
  return answer;
}

/** The question that waits, once there is one. */
async function waiting(): Promise<Body> {
  for (;;) {
    const { body } = await ada.get('/v1/approvals');
    const found = (body as Body[]).find(({ state }) => state === 'waiting');
    if (found !== undefined) return (await ada.get(`/v1/approvals/${found.approval}`)).body;
    await new Promise((done) => setTimeout(done, 20));
  }
}

const approve = async () => {
  const { approval, digest } = await waiting();
  return ada.do(`/v1/approvals/${approval}/approve`, { digest });
};

describe('P5 an agent’s client and a person with a passkey', () => {
  it('of the older generation: the call is held, told of, approved, and executed once', async () => {
    const told: string[] = [];
    const call = older('one', {
      onprogress: ({ message }) => told.push(message ?? ''),
      resetTimeoutOnProgress: true,
    });
    expect(await approve()).toMatchObject({ status: 200 });
    expect(await call).toMatchObject({ content: [{ text: 'nothing' }] });
    expect(told[0]).toMatch(/Waiting for a person/);
    const entries = await ground.entries('approval.answered', 'approval.spent', 'action.outcome');
    expect(entries).toMatchObject([
      {
        kind: 'approval.answered',
        person: 'ada',
        proof: { statement: { purpose: 'approve', answer: 'approve' } },
      },
      { kind: 'approval.spent', people: ['ada'] },
      { kind: 'action.outcome', outcome: 'ok' },
    ]);
    expect((await ground.run('log verify --deep')).code).toBe(0);
  });

  it('a no reaches the agent at once, and what it was about does not run', async () => {
    const call = older('three');
    const { approval } = await waiting();
    expect(await ada.post(`/v1/approvals/${approval}/deny`, { why: 'not this' })).toMatchObject({
      status: 200,
    });
    expect(await call).toMatchObject({
      isError: true,
      _meta: { 'dev.lanyard/decision': { decision: 'deny', code: 'APPROVAL_DENIED' } },
    });
  });

  it('the command line lists and shows it, and takes it back; only a passkey says yes', async () => {
    const call = older('four');
    const { approval, digest } = await waiting();
    expect((await ground.run('approvals list')).stdout).toContain(approval);
    const shown = await ground.run(`approvals approve ${approval}`);
    expect(shown.stdout).toContain('It tells others (tells, asks owner)');
    expect(shown.stdout).toContain(`/approvals/${approval}`);
    expect(shown.stdout).toContain('"id": "four"');
    for (const path of ['/v1/approve', `/v1/approvals/${approval}/approve`])
      await expect(ask(ground.config, `POST ${path}`, { approval, digest })).rejects.toThrow();
    expect(await ground.runWords(['approvals', 'deny', approval, '--why', 'no'])).toMatchObject({ code: 0 });
    expect(await call).toMatchObject({
      isError: true,
      _meta: { 'dev.lanyard/decision': { decision: 'deny', code: 'APPROVAL_TAKEN_BACK' } },
    });
    // Taken back is nobody's no: the next attempt asks anew, and is answered by a person now.
    const next = older('four');
    const again = await waiting();
    expect(again.approval).not.toBe(approval);
    await ada.post(`/v1/approvals/${again.approval}/deny`, {});
    expect(await next).toMatchObject({
      isError: true,
      _meta: { 'dev.lanyard/decision': { decision: 'deny', code: 'APPROVAL_DENIED' } },
    });
  });

  it('who was shown a question is told once, and looking at it decides nothing', async () => {
    const call = older('shown');
    const { approval, digest, state } = await waiting();
    for (let i = 0; i < 3; i++) expect((await ada.get(`/v1/approvals/${approval}`)).body.state).toBe(state);
    const shown = await ground.run(`approvals show ${approval}`);
    // In words, and not in those of the catalog.
    expect(shown.stdout).toMatch(
      /^Taking it back: (nothing changes|it can be|only with|nobody can|not known)/m,
    );
    const told = (await ground.entries('approval.shown')).filter((one) => one['approval'] === approval);
    expect(told).toMatchObject([{ person: 'ada', digest }]);
    await ada.post(`/v1/approvals/${approval}/deny`, {});
    expect(await call).toMatchObject({ isError: true });
  });

  it('an agent’s token answers nothing', async () => {
    const call = older('five');
    const { approval, digest } = await waiting();
    for (const what of ['approve', 'deny', 'edit'])
      expect(await ada.send('POST', `/v1/approvals/${approval}/${what}`, { digest }, token)).toMatchObject({
        status: 403,
      });
    expect(await ada.send('GET', '/v1/approvals', undefined, token)).toMatchObject({ status: 403 });
    expect((await waiting()).approval).toBe(approval);
    await ada.post(`/v1/approvals/${approval}/deny`, {});
    await call;
  });
});
