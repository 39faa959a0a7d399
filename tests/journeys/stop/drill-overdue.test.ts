import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { examine } from '../../../src/main/doctor/examined.ts';
import { Endpoint } from '../../reach/endpoint.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';
import { type Body, freePort, PersonAtBrowser } from '../people-ground.ts';

/** A drill that is due and that the machine cannot give room to: who is told, how often, and when that is over. */

let ground: OperatorGround;
let running: Running;
let ada: PersonAtBrowser;
let origin: string;
const endpoint = new Endpoint();
/** Not there until a test makes it: a drill raises its stage under it. */
const scratch = () => join(ground.directory, 'scratch');

beforeAll(async () => {
  ground = new OperatorGround();
  origin = `http://localhost:${await freePort()}`;
  const reach = { people: { ada: { channels: [{ ntfy: `${await endpoint.listen()}/ada` }] } } };
  ground.write(
    'lanyard.yaml',
    ground.configuration({
      control: `control: 127.0.0.1:${new URL(origin).port}`,
      people: 'people: [{ id: ada, name: Ada, roles: [owner, admin] }]',
      agents: 'agents: [{ id: writer, owner: ada, purpose: Looks }]',
      drills: 'drills: { every: 30d }',
      notify: `notify: ${JSON.stringify(reach)}`,
    }),
  );
  running = await ground.up({ TMPDIR: scratch() });
  await running.url();
  ada = new PersonAtBrowser(origin);
  const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as Body;
  await ada.enrol(code);
  await ada.signIn();
  await ada.settle();
});
afterAll(async () => {
  await ground.remove();
  await endpoint.close();
});

/** In every place where a person looks. */
async function seen(): Promise<Body> {
  const { troubles } = (await ada.get('/v1/overview')).body;
  const { duties } = (await ada.get('/v1/duties')).body;
  const metrics = await (await fetch(`${origin}/metrics`)).text();
  const { notes } = await examine(ground.config, {});
  return {
    overview: troubles.filter(({ kind }: Body) => kind === 'drill').map(({ sentence }: Body) => sentence),
    duties: duties.filter(({ kind }: Body) => kind === 'alert' || kind === 'unknown'),
    overdue: (await ada.get('/v1/drills')).body.agents[0].overdue,
    figure: /lanyard_drills\{state="overdue"\} (\d+)/.exec(metrics)?.[1],
    status: ((await ask(ground.config, 'GET /v1/status')) as Body).drills,
    doctor: notes.filter((note) => note.includes('drill')),
    inbox: ((await ask(ground.config, 'GET /v1/inbox')) as Body).alerts.map(({ subject }: Body) => subject),
  };
}

const OVERDUE = {
  overview: ['A drill of writer was due and could not be done; ./lanyard drill agent:writer says why.'],
  duties: [
    {
      kind: 'alert',
      person: 'ada',
      sentence: expect.stringContaining('writer: A drill was due'),
      path: expect.stringMatching(/^\/alerts\/[0-9A-Z]{26}$/),
    },
  ],
  overdue: true,
  figure: '1',
  status: { overdue: ['writer'], failed: [] },
  doctor: [expect.stringContaining('A drill of writer was due and could not be done')],
};
const kinds = async () =>
  (await ground.entries('drill.overdue', 'drill.done', 'alert.raised')).map(({ kind, subject }) =>
    subject === undefined ? kind : `${kind} ${String(subject)}`,
  );

describe('a drill that is due and cannot be done', () => {
  it('is told to the owner once, and stands wherever she looks', async () => {
    const [page] = await endpoint.until(1);
    expect(String(page?.body)).toMatch(/^A drill was due and could not be done.* of agent writer\)$/);
    expect(await kinds()).toEqual(['drill.overdue', 'alert.raised drill-overdue']);
    expect(await seen()).toMatchObject({ ...OVERDUE, inbox: ['drill-overdue'] });
  });

  it('says why to whoever drills by hand', async () => {
    const refused = await ground.run('drill agent:writer');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('Nothing can be measured: what a drill needs could not be set up here');
    expect(refused.stderr).toContain(scratch());
  });

  it('is the same one after a restart, though it is tried again', async () => {
    await running.end();
    running = await ground.up({ TMPDIR: scratch() });
    await running.says('drill: writer is overdue');
    await ada.signIn();
    expect(await seen()).toMatchObject({ ...OVERDUE, inbox: ['drill-overdue'] });
    expect(await kinds()).toEqual(['drill.overdue', 'alert.raised drill-overdue']);
    expect(endpoint.arrived).toHaveLength(1);
  });

  it('is over, page and all, once one was done; what that stopped at its canaries is nobody’s to find out', async () => {
    mkdirSync(scratch());
    expect(await ground.run('drill agent:writer')).toMatchObject({ code: 0 });
    await expect.poll(seen).toEqual({
      overview: [],
      duties: [],
      overdue: false,
      figure: '0',
      status: { overdue: [], failed: [] },
      doctor: [],
      inbox: [],
    });
    const ends = (await ground.entries('action.outcome')).filter(({ outcome }) => outcome === 'unknown');
    expect(ends.map(({ operation }) => operation)).toContain('http:CONNECT');
    expect((await ground.entries('drill.done'))[0]).toMatchObject({
      tunnel: { to: expect.stringMatching(/^127/) },
    });
  });
});
