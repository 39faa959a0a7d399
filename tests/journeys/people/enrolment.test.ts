import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { Authenticator } from '../../authenticator.ts';
import { ROOT } from '../../source-tree.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';
import { freePort, PersonAtBrowser } from '../people-ground.ts';

/** From nobody to people: the claim, what it freezes, invitations, second passkeys, recovery. Told in order. */

const PEOPLE =
  'people: [{ id: ada, name: Ada, roles: [owner, admin] }, { id: grace, name: Grace, roles: [owner, reviewer] }, { id: audra, name: Audra, roles: [auditor] }, { id: gone, name: Gone, roles: [admin], disabled: true }]';

let ground: OperatorGround;
let running: Running;
let origin: string;
let ada: PersonAtBrowser;
let grace: PersonAtBrowser;
const tell = (route: string, body: Record<string, string> = {}) => ask(ground.config, route, body);
const codeFor = async (person: string): Promise<string> =>
  ((await tell('POST /v1/enrol-code', { person })) as { code: string }).code;

beforeAll(async () => {
  ground = new OperatorGround();
  const port = await freePort();
  origin = `http://localhost:${port}`;
  ground.write(
    'lanyard.yaml',
    ground.configuration({ control: `control: 127.0.0.1:${port}`, people: PEOPLE }),
  );
  running = await ground.up();
  await running.url();
  ada = new PersonAtBrowser(origin);
  grace = new PersonAtBrowser(origin);
});
afterAll(() => ground.remove());

describe('before the claim', () => {
  it('says that anybody can act, and how to end that', async () => {
    await running.says('unclaimed');
    await running.says('./lanyard enrol');
  });

  it('confirms nothing, so that whoever acted then cannot hide it from the claim', async () => {
    const waiting = async () =>
      ((await tell('GET /v1/unconfirmed')) as { seq: number }[]).map(({ seq }) => seq);
    const before = await waiting();
    expect(before).not.toEqual([]);
    expect(await ground.run('confirm --all')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('nobody has one yet (./lanyard enrol); nothing was confirmed'),
    });
    expect(await waiting()).toEqual(before);
  });

  it('writes no code anywhere but to a terminal', async () => {
    const { code, stdout, stderr } = await ground.run('enrol ada');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('terminal');
    expect(stderr).not.toMatch(/[0-9A-Z]{4}-[0-9A-Z]{4}/);
  });

  it.skipIf(!existsSync('/usr/bin/script'))(
    'writes it to the terminal that it has, whatever its output is sent to (skipped where there is no script(1))',
    async () => {
      const [shown, out] = [join(ground.directory, 'shown'), join(ground.directory, 'out')];
      const command = `${join(ROOT, 'lanyard')} enrol ada -c ${ground.config} > ${out} 2>&1`;
      const terminal = spawn('/usr/bin/script', ['-qec', command, shown], { stdio: 'ignore' });
      expect(await once(terminal, 'exit')).toEqual([0, null]);
      expect(readFileSync(shown, 'utf8')).toMatch(
        /passkey for ada with this code:\s+(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\s/,
      );
      expect(readFileSync(out, 'utf8')).toBe('');
    },
  );

  it.each([
    ['grace', 'is no admin'],
    ['gone', 'is no admin'],
    ['nobody', 'no person "nobody"'],
  ])('gives no code for %s', async (person, sentence) => {
    await expect(codeFor(person)).rejects.toThrow(sentence);
  });

  it('refuses codes that are made up, older than the newest, or used with a lie', async () => {
    expect((await ada.enrol('AAAA-BBBB-CCCC-DDDD')).body.error.code).toBe('CODE_REFUSED');
    const older = await codeFor('ada');
    const code = await codeFor('ada');
    expect((await ada.enrol(older)).body.error.code).toBe('CODE_REFUSED');
    for (const lie of [
      { origin: 'http://localhost:1' },
      { rpId: 'evil.example' },
      { userVerified: false },
      { userPresent: false },
      { type: 'webauthn.get' },
    ])
      expect({ lie, ...(await ada.enrol(code, lie)) }).toMatchObject({
        lie,
        status: 403,
        body: { error: { code: 'PROOF_REFUSED' } },
      });
    expect((await ada.enrol(code, { challenge: 'c29tZXRoaW5nIGVsc2U' })).body.error.code).toBe(
      'CEREMONY_UNKNOWN',
    );
    expect((await ada.get('/v1/instance')).body.claimed).toBe(false);
  });
});

describe('the claim', () => {
  it('enrols the first admin, shows recovery codes once, and freezes everything', async () => {
    const token = await ground.token();
    expect((await running.call(token, 'look')).text).toContain('done');
    const code = await codeFor('ada');
    // Typed as people type.
    const done = await ada.enrol(code.toLowerCase().replaceAll('-', ' '), { attestation: 'packed' });
    expect(done.body).toMatchObject({ person: 'ada', passkey: { via: 'code', rpId: 'localhost' } });
    expect(ada.recoveryCodes).toHaveLength(8);
    expect((await running.call(token, 'look')).text).toContain('"code":"FROZEN"');
    expect((await ada.enrol(code)).body.error.code).toBe('CODE_REFUSED');
    await expect(codeFor('ada')).rejects.toThrow('is claimed');
    const [enrolled] = await ground.entries('person.enrolled');
    expect(enrolled).toMatchObject({ subject: 'ada', by: 'claim', proof: 'none' });
    const log = JSON.stringify(await ground.entries());
    for (const secret of [code, ...ada.recoveryCodes]) expect(log).not.toContain(secret);
  });

  it('lets nothing be released until each unsigned act is confirmed or undone', async () => {
    expect((await ada.signIn()).status).toBe(200);
    const { body } = await ada.get('/v1/unconfirmed');
    expect(body.map(({ kind }: { kind: string }) => kind)).toEqual(['operator.applied', 'operator.token']);
    expect((await ada.post('/v1/release', { scope: 'all', why: 'now' })).body.error.sentence).toContain(
      '2 acts of before the claim',
    );
    await ada.do('/v1/agents/writer/revoke');
    expect((await ada.get('/v1/unconfirmed')).body).toHaveLength(1);
    const [applied] = (await ada.get('/v1/unconfirmed')).body;
    expect((await ada.do('/v1/unconfirmed/confirm', { entries: [applied.seq] })).body).toEqual({
      confirmed: 1,
    });
    expect((await ada.do('/v1/release', { scope: 'all', why: 'looked at' })).body).toMatchObject({
      was: 'frozen',
    });
  });
});

describe('other people', () => {
  it('come by an invitation that an admin signs, once', async () => {
    const asked = await ada.post('/v1/people/grace/invite');
    expect(asked.status).toBe(202);
    const { body } = await ada.sign(asked.body.id);
    const code = new URL(body.link).hash.slice(1);
    expect((await grace.enrol(code)).body).toMatchObject({ person: 'grace', passkey: { invitedBy: 'ada' } });
    expect((await new PersonAtBrowser(origin).enrol(code)).body.error.code).toBe('CODE_REFUSED');
    expect((await grace.signIn()).body).toMatchObject({ person: 'grace', passkeys: 1 });
    expect((await grace.post('/v1/people/audra/invite')).body.error.sentence).toContain('it takes an admin');
    expect((await ada.post('/v1/people/gone/invite')).status).toBe(404);
  });

  it('add a second passkey with the first', async () => {
    const begun = await grace.post('/v1/passkeys/start');
    const second = new Authenticator(origin);
    const asked = await grace.post('/v1/passkeys', { response: second.create(begun.body.options) });
    expect(asked.status).toBe(202);
    expect((await grace.sign(asked.body.id)).status).toBe(200);
    const other = new PersonAtBrowser(origin);
    other.key = second;
    expect((await other.signIn()).body).toMatchObject({ person: 'grace', passkeys: 2 });
    expect((await grace.post('/v1/passkeys', { response: second.create(begun.body.options) })).status).toBe(
      409,
    );
  });

  it('do not lose the last passkey of an admin', async () => {
    const gone = await ada.post(`/v1/passkeys/${ada.key.credential}/remove`);
    expect(gone.body.error.sentence).toContain('Nobody could sign anything afterwards');
  });

  it('who audits reads everything and changes nothing', async () => {
    const invited = await ada.do('/v1/people/audra/invite');
    const audra = new PersonAtBrowser(origin);
    await audra.enrol(new URL(invited.body.link).hash.slice(1));
    await audra.signIn();
    expect((await audra.get('/v1/people')).body).toHaveLength(4);
    // A release of what is not stopped changes nothing for anybody.
    expect((await ada.post('/v1/stop', { scope: 'agent:writer' })).status).toBe(200);
    for (const [path, body] of [
      ['/v1/stop', { scope: 'all' }],
      ['/v1/release', { scope: 'agent:writer', why: 'x' }],
      ['/v1/agents/writer/token', {}],
      ['/v1/agents/writer/revoke', {}],
    ] as const)
      expect((await audra.post(path, body)).body.error.sentence).toContain('changes nothing');
  });
});

describe('recovery', () => {
  it('makes a passkey that is good a day later, and freezes everything', async () => {
    const [code = ''] = ada.recoveryCodes;
    const lost = new PersonAtBrowser(origin);
    expect((await lost.enrol(code)).body).toMatchObject({ person: 'ada', passkey: { via: 'recovery' } });
    expect((await lost.signIn()).body.error.sentence).toContain('is good from');
    expect((await lost.enrol(code)).body.error.code).toBe('CODE_REFUSED');
    expect((await ada.get('/v1/people')).body[0]).toMatchObject({ id: 'ada', recoveryCodes: 7 });
    await running.says('a recovery code of ada was used');
    const stops = await ground.entries('containment.stopped');
    expect(stops.at(-1)).toMatchObject({ scope: 'all', level: 'frozen', by: 'recovery' });
    // Whoever kills Lanyard in between finds everything frozen, and no passkey.
    const [enrolled] = (await ground.entries('person.enrolled')).slice(-1);
    expect(enrolled).toMatchObject({ via: 'recovery' });
    expect(stops.at(-1)?.seq).toBeLessThan(Number(enrolled?.seq));
    // Whose code was stolen takes the passkey away.
    const removed = await ada.do(`/v1/passkeys/${lost.key.credential}/remove`);
    expect(removed.status).toBe(200);
    expect((await ada.do('/v1/release', { scope: 'all', why: 'it was not me' })).status).toBe(200);
  });

  it('new codes end the old ones', async () => {
    const [, old = ''] = ada.recoveryCodes;
    const made = await ada.do('/v1/recovery-codes');
    expect(made.body.recoveryCodes).toHaveLength(8);
    expect((await new PersonAtBrowser(origin).enrol(old)).body.error.code).toBe('CODE_REFUSED');
  });
});

it('P6 the log of all that holds, every signature in it included', async () => {
  expect(await ground.run('log verify --deep')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('The log holds'),
  });
});
