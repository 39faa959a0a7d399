import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { ownTemporary } from '../../../src/control/socket.ts';
import { findMeans } from '../../../src/doors/run/means.ts';
import { openLogFiles } from '../../../src/main/log/log-files.ts';
import { current } from '../../doors/agents/running-door.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';
import { alive, BEATS, CLI, LEFT, NODE, ProgramRun, TREE } from './program-run.ts';

const here = findMeans({ cgroup: true, namespaces: true });
const [noGroup, noSpaces] = ['--no-cgroup', '--no-namespaces'];
const MODES = [
  {
    agent: 'whole',
    name: 'namespaces and a control group',
    flags: [],
    isHere: here.cgroup && here.namespaces,
  },
  { agent: 'spaces', name: 'namespaces alone', flags: [noGroup], isHere: here.namespaces },
  { agent: 'group', name: 'a control group alone', flags: [noSpaces], isHere: here.cgroup },
  { agent: 'family', name: 'nothing but its family', flags: [noSpaces, noGroup], isHere: true },
];

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(5);
}

describe('run', () => {
  const ground = new OperatorGround();
  let running: Running;
  const tokens = new Map<string, string>();
  let count = 0;

  const begin = (agent: string, flags: readonly string[], ...command: string[]) => {
    const cwd = join(ground.directory, `work-${count++}`);
    mkdirSync(cwd);
    return { run: new ProgramRun(ground, agent, tokens.get(agent) ?? '', flags, command, cwd), cwd };
  };
  const operate = (route: string, body: Record<string, string>) =>
    ask(ground.config, `POST /v1/${route}`, body);
  const sizes = (cwd: string) =>
    BEATS.map((name) => (existsSync(join(cwd, name)) ? readFileSync(join(cwd, name)).length : 0));
  async function tree(agent: string, flags: readonly string[]) {
    const begun = begin(agent, flags, 'sh', '-c', TREE);
    await until(() => sizes(begun.cwd).every((size) => size > 1) || begun.run.child.exitCode !== null);
    expect(begun.run.stderr).toContain('run ');
    return begun;
  }
  /** Whether anything of it still writes, as seen from outside. */
  async function isStill(cwd: string): Promise<boolean> {
    const before = sizes(cwd);
    await wait(150);
    return sizes(cwd).join() === before.join();
  }

  const echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  let port = 0;

  beforeAll(async () => {
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    port = (echo.address() as AddressInfo).port;
    ground.write(
      'rules.cedar',
      `@id("reads") @need("x") permit (principal, action in Action::"risk:read", resource);
@id("named") @need("x") permit (principal, action == Action::"http:CONNECT", resource == Host::"127.0.0.1:${port}");
`,
    );
    const plain = ['writer', 'other', 'stopped', 'ended', 'leaver', ...MODES.map(({ agent }) => agent)].map(
      (id) => ({
        id,
      }),
    );
    const limited = [
      { id: 'tight', run: { cpu: 1, memory: 400, processes: 4000 } },
      { id: 'brief', run: { time: '4s' } },
    ];
    const agents = [...plain, ...limited].map((one) => ({ ...one, owner: 'ada', purpose: 'Runs' }));
    ground.write('lanyard.yaml', ground.configuration({ agents: `agents: ${JSON.stringify(agents)}` }));
    running = await ground.up();
    await running.url();
    for (const { id } of agents) {
      const made = await ask(ground.config, 'POST /v1/token', { agent: id, ttlMs: 3_600_000 });
      tokens.set(id, String((made as { token: string }).token));
    }
  });

  afterAll(async () => {
    await ground.remove();
    echo.close();
  });

  describe.each(MODES)('held by $name', ({ agent, flags, isHere }) => {
    const it = isHere ? test : test.skip;

    it('P8 passes on output, signals, its end, and a clean environment with a token of its own', async () => {
      const daemon = '(setsid sh -c "while :; do sleep 0.02; done" >/dev/null 2>&1 &)';
      const script = `env; echo err >&2; ${daemon}; trap "echo heard; exit 9" TERM; echo ready; while :; do sleep 0.05; done`;
      const { run } = begin(agent, flags, 'sh', '-c', script);
      await until(() => run.stdout.includes('ready') || run.child.exitCode !== null);
      const own = /^LANYARD_TOKEN=(\S+)$/m.exec(run.stdout)?.[1] ?? '';
      expect((await running.call(own, 'look')).status).toBe(200);
      run.child.kill('SIGTERM');
      expect(await run.ended).toBe(9);
      expect(run.stdout).toMatch(/heard\n$/);
      expect(run.stderr).toContain('err\n');
      expect(run.stdout).not.toContain('hunter22');
      expect(run.stdout).not.toContain(tokens.get(agent));
      expect(run.stdout).toMatch(/^HTTPS_PROXY=http:\/\/run:lyd_[^@]+@127.0.0.1:\d+$/m);
      // Its token ended with it, and so did what it had left behind.
      expect((await running.call(own, 'look')).status).toBe(401);
      expect(alive(run.id)).toEqual([]);
    });

    it('P4 ends with its command, however that dies', async () => {
      const { run, cwd } = await tree(agent, flags);
      run.child.kill('SIGKILL');
      await until(() => alive(run.id).length === 0);
      expect(await isStill(cwd)).toBe(true);
    });

    it('P4 frozen, nothing of its tree runs, daemons included; released, it goes on; killed, nothing is left', async () => {
      const { run, cwd } = await tree(agent, flags);
      await operate('stop', { scope: `agent:${agent}`, level: 'frozen' });
      expect(await isStill(cwd)).toBe(true);
      await operate('release', { scope: `agent:${agent}`, why: 'tested' });
      const before = sizes(cwd);
      await until(() => sizes(cwd).every((size, i) => size > (before[i] ?? 0)));
      await operate('stop', { scope: `agent:${agent}`, level: 'killed' });
      expect(await isStill(cwd)).toBe(true);
      await run.ended;
      expect(alive(run.id)).toEqual([]);
    });
  });

  test.skipIf(!here.cgroup)(
    'what moves itself out of its control group is frozen, let go and killed all the same',
    async () => {
      const script = `group=$(sed -n 's/^0:://p' /proc/self/cgroup)
mount=$(awk '/ - cgroup2 /{print $5; exit}' /proc/self/mountinfo)
out="$mount$(dirname "$group")/cgroup.procs"
(setsid sh -c "echo \\$\\$ > $out && echo moved; while :; do echo . >> daemon; sleep 0.02; done" &)
beat() { while :; do echo . >> "$1"; sleep 0.02; done; }
beat parent & beat child & echo $$ > "$out" && echo moved; beat leader`;
      const { run, cwd } = begin('leaver', [noSpaces], 'sh', '-c', script);
      await until(() => sizes(cwd).every((size) => size > 1));
      // Elsewhere the system may keep it in; as root it is out. What it says goes through two pipes, and comes later.
      if (process.getuid?.() === 0) await until(() => run.stdout === 'moved\nmoved\n');
      await operate('stop', { scope: 'agent:leaver', level: 'frozen' });
      expect(await isStill(cwd)).toBe(true);
      await operate('release', { scope: 'agent:leaver', why: 'tested' });
      const before = sizes(cwd);
      await until(() => sizes(cwd).every((size, i) => size > (before[i] ?? 0)));
      await operate('stop', { scope: 'agent:leaver', level: 'killed' });
      await run.ended;
      expect(alive(run.id)).toEqual([]);
      expect(await isStill(cwd)).toBe(true);
    },
  );

  const modesHere = MODES.filter(({ isHere }) => isHere);

  test('no file that its caller had open is open in the program, in every way of holding', async () => {
    const script =
      'ls /proc/self/fd | tr "\\n" " "; for fd in 9 40 251; do cat /proc/$$/fd/$fd; done; echo done';
    writeFileSync(join(ground.directory, LEFT), 'what its caller had open');
    for (const { flags } of modesHere) {
      const { run } = begin('writer', flags, 'sh', '-c', script);
      run.child.stdin.end();
      expect(await run.ended).toBe(0);
      // 3 is the listing's own.
      expect(run.stdout).toBe('0 1 2 3 done\n');
    }
  });

  test('limits of the processor and of memory hold in every way of holding, and what does not is said at its start', async () => {
    const script = `sh -c 'while :; do :; done'; echo cpu $?
head -c 500000000 /dev/zero | tail -c 499999999 | wc -c; echo after`;
    const all = modesHere.map(({ flags }) => ({ flags, ...begin('tight', flags, 'sh', '-c', script) }));
    for (const { run, flags } of all) {
      await run.ended;
      // 128 and SIGXCPU or SIGKILL.
      expect(run.stdout).toMatch(/^cpu (137|152)$/m);
      expect(run.stdout).not.toContain('499999999');
      expect(run.stdout).toContain('after\n');
      expect(run.stderr).toContain('weaker: The limit of the processor');
      expect(run.stderr.includes('weaker: No sandbox')).toBe(flags.includes(noSpaces));
      expect(run.stderr.includes('weaker: No control group')).toBe(flags.includes(noGroup));
      expect(run.stderr.includes('weaker: Without namespaces')).toBe(flags.join() === noSpaces);
      const { keeps } = findMeans({ cgroup: !flags.includes(noGroup), namespaces: false });
      expect(run.stderr.includes('weaker: The limit of memory')).toBe(!keeps.memory);
      expect(run.stderr.includes('weaker: The limit of processes')).toBe(!keeps.processes);
    }
  });

  test('P4 a run whose time is over is ended, in every way of holding', async () => {
    const all = modesHere.map(({ flags }) => begin('brief', flags, 'sh', '-c', TREE));
    for (const { run, cwd } of all) {
      await run.ended;
      expect(run.stderr).toContain('it was ended: its time was over');
      expect(alive(run.id)).toEqual([]);
      expect(await isStill(cwd)).toBe(true);
    }
    const ends = (await ground.entries('run.ended')).filter(({ agent }) => agent === 'brief');
    expect(ends.map(({ why }) => why)).toEqual(modesHere.map(() => 'its time was over'));
  });

  test('the end of what it printed is kept, however much that was', async () => {
    const script = 'head -c 3000000 /dev/zero | tr "\\0" "\\1"; echo; echo the last words';
    const { run } = begin('writer', [noSpaces], 'sh', '-c', script);
    expect(await run.ended).toBe(0);
    const { store, close } = await openLogFiles(ground.config);
    const body = await store.body(run.id, 'result');
    await close();
    expect(JSON.parse(body?.text ?? '{}').output).toMatch(/the last words\n$/);
  });

  const inNamespaces = here.namespaces ? test : test.skip;

  inNamespaces('in namespaces its own door is all that it reaches, and Lanyard is not there', async () => {
    const state = join(ground.directory, 'state');
    writeFileSync(join(ground.directory, 'beside'), 'x');
    const { run } = begin(
      'writer',
      [],
      'sh',
      '-c',
      `ls ${state}/log.sqlite; cat ${ground.config}; echo x > ${ground.directory}/beside || echo read-only
echo x > mine && echo mine; ls /proc | grep -c '^[0-9]' ; id -u
curl -sS -m 5 --noproxy '' -x "$HTTPS_PROXY" https://nowhere.invalid/ 2>&1
curl -sS -m 5 --noproxy '*' http://127.0.0.1:${port}/ 2>&1
curl -s -m 5 --noproxy '*' -o /dev/null -w 'door %{http_code}\\n' -H "Authorization: Bearer $LANYARD_TOKEN" "$LANYARD_URL/mcp/box"`,
    );
    await run.ended;
    expect(run.stderr).toMatch(/log.sqlite.*No such file/);
    expect(run.stdout).not.toContain('listen:');
    expect(run.stdout).toContain('mine\n');
    expect(run.stdout).toMatch(/CONNECT tunnel failed, response 403|Received HTTP code 403/);
    expect(run.stdout).toMatch(/Failed to connect|Couldn't connect|refused/i);
    expect(run.stdout).toContain('door 405');
    const denied = (await ground.entries('action.decided')).at(-1);
    expect(denied).toMatchObject({
      operation: 'http:CONNECT',
      decision: 'deny',
      session: run.id,
      agent: 'writer',
    });
  });

  inNamespaces(
    'no socket of another program is reached from within, nor the door of another run',
    async () => {
      const apart = mkdtempSync('/var/tmp/lanyard-sockets-');
      const cwd = join(ground.directory, `work-${count++}`);
      mkdirSync(cwd);
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
      const other = begin('other', [], 'sleep', '60').run;
      const doors = ownTemporary();
      await until(() => existsSync(doors) && readdirSync(doors).some((name) => name.startsWith('run-')));
      const reach = `const { connect } = require('node:net'); const { readdirSync } = require('node:fs');
console.log('doors', readdirSync('${doors}').length);
for (const path of ${JSON.stringify([...places, join(apart, 'relative'), join(apart, 'moved')])}) connect(path).on('error', () => console.log('refused')).on('connect', () => console.log('reached'));`;
      const run = new ProgramRun(ground, 'writer', tokens.get('writer') ?? '', [], [NODE, '-e', reach], cwd);
      expect(await run.ended).toBe(0);
      // Its own alone.
      expect(run.stdout).toBe('doors 1\nrefused\nrefused\nrefused\nrefused\n');
      expect(heard).toEqual([]);
      const inDoors = new ProgramRun(ground, 'writer', tokens.get('writer') ?? '', [], ['true'], doors);
      expect(await inDoors.ended).toBe(1);
      expect(inDoors.stderr).toContain('belongs to Lanyard itself');
      other.child.kill('SIGKILL');
      maker.kill('SIGKILL');
      for (const server of servers) server.close();
      rmSync(apart, { recursive: true });
    },
  );

  inNamespaces(
    'a configuration that it leaves where it works is nobody else’s before she names it',
    async () => {
      const cwd = join(ground.directory, `work-${count++}`);
      mkdirSync(cwd);
      const own = { XDG_STATE_HOME: join(ground.directory, 'own-state'), LANYARD_CONFIG: '' };
      const env = { ...process.env, ...own };
      const look = (...words: string[]) =>
        spawnSync(NODE, ['--disable-warning=ExperimentalWarning', CLI, 'status', ...words], {
          cwd,
          env,
          encoding: 'utf8',
        });
      // As it was before any program worked here, it is hers.
      writeFileSync(join(cwd, 'lanyard.yaml'), readFileSync(ground.config));
      expect(look().stderr).not.toContain('passed over');
      rmSync(join(cwd, 'lanyard.yaml'));
      const left = `mkdir below; for to in lanyard.yaml below/lanyard.yaml; do printf 'state: ./elsewhere\\n' > $to; done`;
      const command = ['/bin/sh', '-c', left];
      const run = new ProgramRun(ground, 'writer', tokens.get('writer') ?? '', [], command, cwd, {
        XDG_STATE_HOME: own.XDG_STATE_HOME,
      });
      expect(await run.ended).toBe(0);
      expect(run.stderr).not.toContain('will be taken for yours');
      expect(look().stderr).toContain('passed over');
      expect(look('-c', 'lanyard.yaml').stderr).not.toContain('passed over');
      const below = spawnSync(NODE, [CLI, 'status'], { cwd: join(cwd, 'below'), env, encoding: 'utf8' });
      expect(below.stderr).toContain('passed over');
    },
  );

  inNamespaces('a tunnel that a rule names works from within, under the run as its session', async () => {
    const speak = `const [, p, t] = process.argv; const http = require('node:http');
const req = http.request({ host: '127.0.0.1', port: new URL(process.env.HTTPS_PROXY).port, method: 'CONNECT', path: '127.0.0.1:${port}', headers: { host: '127.0.0.1:${port}' } });
req.on('connect', (res, socket) => { socket.write('hello'); socket.once('data', (d) => { console.log(res.statusCode + ' ' + d); socket.end(); }); });
req.end();`;
    const { run } = begin('writer', [], NODE, '-e', speak);
    expect(await run.ended).toBe(0);
    expect(run.stdout).toBe('200 hello\n');
    const entries = await ground.entries('action.decided', 'run.started', 'run.ended');
    expect(entries.slice(-3)).toMatchObject([
      { kind: 'run.started', agent: 'writer', run: run.id, session: run.id, door: 'run' },
      { kind: 'action.decided', decision: 'allow', session: run.id, rules: ['named'] },
      { kind: 'run.ended', run: run.id, exit: 0, why: 'exit' },
    ]);
  });

  test('curl and git push to elsewhere are refused and in the log, in every way of holding', async () => {
    const script = `curl -sS -m 20 https://elsewhere.invalid/ 2>&1
git init -q . && git -c user.name=x -c user.email=x@example.org commit -q --allow-empty -m x
GIT_TERMINAL_PROMPT=0 git push https://git.elsewhere.invalid/x.git HEAD:main 2>&1; echo pushed $?`;
    const all = modesHere.map(({ flags }) => begin('writer', flags, 'sh', '-c', script));
    const decided = await ground.entries('action.decided');
    for (const { run } of all) {
      await run.ended;
      expect(run.stdout).toMatch(/CONNECT tunnel failed, response 403|HTTP code 403/);
      expect(run.stdout).toMatch(/^pushed [1-9]/m);
    }
    const fresh = (await ground.entries('action.decided')).slice(decided.length);
    for (const host of ['elsewhere.invalid', 'git.elsewhere.invalid']) {
      const told = fresh.filter(({ target }) => (target as { id: string }).id === `${host}:443`);
      for (const one of told)
        expect(one).toMatchObject({ operation: 'http:CONNECT', decision: 'deny', code: 'NO_PERMIT' });
      expect(new Set(told.map(({ session }) => session))).toEqual(new Set(all.map(({ run }) => run.id)));
    }
  });

  test.each(['frozen', 'killed'] as const)(
    'P4 %s in the middle of a tool call: the call is cut and its end not known, the program stands or is gone',
    async (level) => {
      const { headers, body } = current('tools/call', { name: 'wait', arguments: { id: 'a' } }, 1);
      const call = `const { appendFileSync } = require('node:fs');
setInterval(() => appendFileSync('leader', '.'), 20);
fetch(process.env.LANYARD_URL + '/mcp/box', { method: 'POST', body: ${JSON.stringify(String(body))},
  headers: { ...${JSON.stringify(headers)}, authorization: 'Bearer ' + process.env.LANYARD_TOKEN,
    'content-type': 'application/json', accept: 'application/json, text/event-stream' } })
  .then(async (answer) => { appendFileSync('answered', await answer.text()); }, () => undefined);`;
      const agent = level === 'frozen' ? 'stopped' : 'ended';
      const { run, cwd } = begin(agent, [], NODE, '-e', call);
      const decided = async () =>
        (await ground.entries('action.decided')).filter(
          (one) => one['agent'] === agent && one['operation'] === 'mcp:box/wait',
        );
      await expect.poll(async () => (await decided()).length, { timeout: 60_000 }).toBe(1);
      await operate('stop', { scope: `agent:${agent}`, level });
      const [{ action } = { action: null }] = await decided();
      const ends = async () =>
        (await ground.entries('action.outcome')).filter((one) => one['action'] === action);
      await expect.poll(ends, { timeout: 60_000 }).toMatchObject([{ outcome: 'unknown' }]);
      expect(await isStill(cwd)).toBe(true);
      if (level === 'killed') {
        await run.ended;
        expect(alive(run.id)).toEqual([]);
      } else expect(alive(run.id).length).toBeGreaterThan(0);
      run.child.kill('SIGKILL');
      await until(() => alive(run.id).length === 0);
    },
  );

  test('is refused without a token of that agent, from within a run, and while it is stopped', async () => {
    const refusedWith = async (given: string) => {
      const cwd = join(ground.directory, `work-${count++}`);
      mkdirSync(cwd);
      const run = new ProgramRun(ground, 'writer', given, [noSpaces], ['sh', '-c', 'sleep 3; echo ran'], cwd);
      return [await run.ended, run.stderr.trim().split('\n').at(-1), run.stdout];
    };
    const wrong = refusedWith('lyd_00000000_wrong');
    const others = refusedWith(tokens.get('other') ?? '');
    const script = `"${NODE}" "${CLI}" run --agent writer ${noSpaces} -c ${ground.config} -- echo ran`;
    const nested = begin('writer', [noSpaces], 'sh', '-c', script);
    expect(await wrong).toEqual([3, expect.stringContaining('not valid'), '']);
    expect(await others).toEqual([3, expect.stringContaining('"writer"'), '']);
    expect([await nested.run.ended, nested.run.stdout]).toEqual([3, '']);
    await operate('stop', { scope: 'agent:writer', level: 'frozen' });
    expect(await refusedWith(tokens.get('writer') ?? '')).toEqual([3, expect.stringContaining('frozen'), '']);
    await operate('release', { scope: 'agent:writer', why: 'tested' });
  });

  test('P4 an instance that is killed leaves no program running, whatever holds it', async () => {
    const modes = MODES.filter(({ isHere }) => isHere);
    const all = await Promise.all(modes.map(({ flags }) => tree('other', flags)));
    await running.end('SIGKILL');
    const codes = await Promise.all(all.map(({ run }) => run.ended));
    expect(codes).toEqual(modes.map(() => 4));
    for (const { run, cwd } of all) {
      expect(alive(run.id)).toEqual([]);
      expect(await isStill(cwd)).toBe(true);
    }
    running = await ground.up();
    await running.url();
    expect(await ground.run('log verify --deep')).toMatchObject({ code: 0 });
  });
});
