import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownTemporary } from '../../../src/control/socket.ts';
import { HERE, RunGround, until } from './ground.ts';
import { CLI, NODE } from './program-run.ts';

/** What a program under `run` sees of the machine where the system has namespaces. */
describe.skipIf(!HERE.namespaces)('in namespaces', () => {
  const ground = new RunGround();

  beforeAll(() => ground.open([{ id: 'writer' }, { id: 'other' }]));

  afterAll(() => ground.close());

  it('in namespaces its own door is all that it reaches, and Lanyard is not there', async () => {
    const state = join(ground.files.directory, 'state');
    writeFileSync(join(ground.files.directory, 'beside'), 'x');
    const { run } = ground.begin(
      'writer',
      [],
      [
        'sh',
        '-c',
        `ls ${state}/log.sqlite; cat ${ground.files.config}; echo x > ${ground.files.directory}/beside || echo read-only
echo x > mine && echo mine; ls /proc | grep -c '^[0-9]' ; id -u
curl -sS -m 5 --noproxy '' -x "$HTTPS_PROXY" https://nowhere.invalid/ 2>&1
curl -sS -m 5 --noproxy '*' http://127.0.0.1:${ground.port}/ 2>&1
curl -s -m 5 --noproxy '*' -o /dev/null -w 'door %{http_code}\\n' -H "Authorization: Bearer $LANYARD_TOKEN" "$LANYARD_URL/mcp/box"`,
      ],
    );
    await run.ended;
    expect(run.stderr).toMatch(/log.sqlite.*No such file/);
    expect(run.stdout).not.toContain('listen:');
    expect(run.stdout).toContain('mine\n');
    expect(run.stdout).toMatch(/CONNECT tunnel failed, response 403|Received HTTP code 403/);
    expect(run.stdout).toMatch(/Failed to connect|Couldn't connect|refused/i);
    expect(run.stdout).toContain('door 405');
    const denied = (await ground.files.entries('action.decided')).at(-1);
    expect(denied).toMatchObject({
      operation: 'http:CONNECT',
      decision: 'deny',
      session: run.id,
      agent: 'writer',
    });
  });

  it('no socket of another program is reached from within, nor the door of another run', async () => {
    const apart = mkdtempSync('/var/tmp/lanyard-sockets-');
    const cwd = ground.directory();
    // As programs also make them: by a relative name, and under one name to be moved to another.
    const making = `const { createServer } = require('node:net'); const { renameSync } = require('node:fs');
createServer().listen('relative', () => createServer().listen('before', () => { renameSync('before', 'moved'); console.log('made'); }));`;
    const maker = spawn(NODE, ['-e', making], { cwd: apart, stdio: ['ignore', 'pipe', 'inherit'] });
    await once(maker.stdout, 'data');
    const places = [join(apart, 's'), join(cwd, 's')];
    const heard: string[] = [];
    const servers = await Promise.all(
      places.map(async (path) => {
        const server = createServer(() => heard.push(path)).listen(path);
        await once(server, 'listening');
        return server;
      }),
    );
    const other = ground.begin('other', [], ['sleep', '60']).run;
    const doors = ownTemporary();
    await until(() => existsSync(doors) && readdirSync(doors).some((name) => name.startsWith('run-')));
    const reach = `const { connect } = require('node:net'); const { readdirSync } = require('node:fs');
console.log('doors', readdirSync('${doors}').length);
for (const path of ${JSON.stringify([...places, join(apart, 'relative'), join(apart, 'moved')])}) connect(path).on('error', () => console.log('refused')).on('connect', () => console.log('reached'));`;
    const run = ground.begin('writer', [], [NODE, '-e', reach], { cwd }).run;
    expect(await run.ended).toBe(0);
    // Its own alone.
    expect(run.stdout).toBe('doors 1\nrefused\nrefused\nrefused\nrefused\n');
    expect(heard).toEqual([]);
    const inDoors = ground.begin('writer', [], ['true'], { cwd: doors }).run;
    expect(await inDoors.ended).toBe(1);
    expect(inDoors.stderr).toContain('belongs to Lanyard itself');
    other.child.kill('SIGKILL');
    maker.kill('SIGKILL');
    for (const server of servers) server.close();
    rmSync(apart, { recursive: true });
  });

  it('a configuration that it leaves where it works is nobody else’s before she names it', async () => {
    const cwd = ground.directory();
    const own = { XDG_STATE_HOME: join(ground.files.directory, 'own-state'), LANYARD_CONFIG: '' };
    const env = { ...process.env, ...own };
    const look = (...words: string[]) =>
      spawnSync(NODE, ['--disable-warning=ExperimentalWarning', CLI, 'status', ...words], {
        cwd,
        env,
        encoding: 'utf8',
      });
    // As it was before any program worked here, it is hers.
    writeFileSync(join(cwd, 'lanyard.yaml'), readFileSync(ground.files.config));
    expect(look().stderr).not.toContain('passed over');
    rmSync(join(cwd, 'lanyard.yaml'));
    const left = `mkdir below; for to in lanyard.yaml below/lanyard.yaml; do printf 'state: ./elsewhere\\n' > $to; done`;
    const command = ['/bin/sh', '-c', left];
    const run = ground.begin('writer', [], command, {
      cwd,
      environment: { XDG_STATE_HOME: own.XDG_STATE_HOME },
    }).run;
    expect(await run.ended).toBe(0);
    expect(run.stderr).not.toContain('will be taken for yours');
    expect(look().stderr).toContain('passed over');
    expect(look('-c', 'lanyard.yaml').stderr).not.toContain('passed over');
    const below = spawnSync(NODE, [CLI, 'status'], { cwd: join(cwd, 'below'), env, encoding: 'utf8' });
    expect(below.stderr).toContain('passed over');
    // Whom no sandbox holds writes anywhere: where it works says nothing of whose a file there is.
    const open = ground.directory();
    const unheld = ground.begin('writer', ['--no-namespaces'], ['true'], {
      cwd: open,
      environment: { XDG_STATE_HOME: own.XDG_STATE_HOME },
    }).run;
    expect(await unheld.ended).toBe(0);
    writeFileSync(join(open, 'lanyard.yaml'), readFileSync(ground.files.config));
    const hers = spawnSync(NODE, [CLI, 'status'], { cwd: open, env, encoding: 'utf8' });
    expect(hers.stderr).not.toContain('passed over');
  });

  it('a tunnel that a rule names works from within, under the run as its session', async () => {
    const speak = `const [, p, t] = process.argv; const http = require('node:http');
const req = http.request({ host: '127.0.0.1', port: new URL(process.env.HTTPS_PROXY).port, method: 'CONNECT', path: '127.0.0.1:${ground.port}', headers: { host: '127.0.0.1:${ground.port}' } });
req.on('connect', (res, socket) => { socket.write('hello'); socket.once('data', (d) => { console.log(res.statusCode + ' ' + d); socket.end(); }); });
req.end();`;
    const { run } = ground.begin('writer', [], [NODE, '-e', speak]);
    expect(await run.ended).toBe(0);
    expect(run.stdout).toBe('200 hello\n');
    const entries = await ground.files.entries('action.decided', 'run.started', 'run.ended');
    expect(entries.slice(-3)).toMatchObject([
      { kind: 'run.started', agent: 'writer', run: run.id, session: run.id, door: 'run' },
      { kind: 'action.decided', decision: 'allow', session: run.id, rules: ['named'] },
      { kind: 'run.ended', run: run.id, exit: 0, why: 'exit' },
    ]);
  });
});
