import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findMeans } from '../../../src/doors/run/means.ts';
import { openLogFiles } from '../../../src/main/log/log-files.ts';
import { current } from '../../doors/agents/running-door.ts';
import { HERE, isStill, RunGround, sizes, until } from './ground.ts';
import { alive, CLI, LEFT, NODE, TREE } from './program-run.ts';

/** How a program is held, by what the machine has; what lies in namespaces is in namespaces.test.ts. */
const [noGroup, noSpaces] = ['--no-cgroup', '--no-namespaces'];
/** Ways of holding a program; each is tried where this machine has what it takes. */
const MODES = [
  {
    agent: 'whole',
    name: 'namespaces and a control group',
    flags: [],
    isHere: HERE.cgroup && HERE.namespaces,
  },
  { agent: 'spaces', name: 'namespaces alone', flags: [noGroup], isHere: HERE.namespaces },
  { agent: 'group', name: 'a control group alone', flags: [noSpaces], isHere: HERE.cgroup },
  { agent: 'family', name: 'nothing but its family', flags: [noSpaces, noGroup], isHere: true },
];

describe('run', () => {
  const ground = new RunGround();

  beforeAll(() => {
    const plain = ['writer', 'other', 'stopped', 'ended', 'leaver', ...MODES.map(({ agent }) => agent)];
    return ground.open([
      ...plain.map((id) => ({ id })),
      { id: 'tight', run: { cpu: 1, memory: 400, processes: 4000 } },
      { id: 'brief', run: { time: '4s' } },
    ]);
  });

  afterAll(() => ground.close());

  describe.each(MODES)('held by $name', ({ agent, flags, isHere }) => {
    const it = isHere ? test : test.skip;

    it('P8 passes on output, signals, its end, and a clean environment with a token of its own', async () => {
      const daemon = '(setsid sh -c "while :; do sleep 0.02; done" >/dev/null 2>&1 &)';
      const script = `env; echo err >&2; ${daemon}; trap "echo heard; exit 9" TERM; echo ready; while :; do sleep 0.05; done`;
      const { run } = ground.begin(agent, flags, ['sh', '-c', script]);
      await until(() => run.stdout.includes('ready') || run.child.exitCode !== null);
      const own = /^LANYARD_TOKEN=(\S+)$/m.exec(run.stdout)?.[1] ?? '';
      expect((await ground.running.call(own, 'look')).status).toBe(200);
      run.child.kill('SIGTERM');
      expect(await run.ended).toBe(9);
      expect(run.stdout).toMatch(/heard\n$/);
      expect(run.stderr).toContain('err\n');
      expect(run.stdout).not.toContain('hunter22');
      expect(run.stdout).not.toContain(ground.tokens.get(agent));
      expect(run.stdout).toMatch(/^HTTPS_PROXY=http:\/\/run:lyd_[^@]+@127.0.0.1:\d+$/m);
      // Its token ended with it, and so did what it had left behind.
      expect((await ground.running.call(own, 'look')).status).toBe(401);
      expect(alive(run.id)).toEqual([]);
    });

    it('P4 ends with its command, however that dies', async () => {
      const { run, cwd } = await ground.tree(agent, flags);
      expect(run.stderr).toContain('run ');
      run.child.kill('SIGKILL');
      await until(() => alive(run.id).length === 0);
      expect(await isStill(cwd)).toBe(true);
    });

    it('P4 frozen, nothing of its tree runs, daemons included; released, it goes on; killed, nothing is left', async () => {
      const { run, cwd } = await ground.tree(agent, flags);
      await ground.operate('stop', { scope: `agent:${agent}`, level: 'frozen' });
      expect(await isStill(cwd)).toBe(true);
      await ground.operate('release', { scope: `agent:${agent}`, why: 'tested' });
      const before = sizes(cwd);
      await until(() => sizes(cwd).every((size, i) => size > (before[i] ?? 0)));
      await ground.operate('stop', { scope: `agent:${agent}`, level: 'killed' });
      expect(await isStill(cwd)).toBe(true);
      await run.ended;
      expect(alive(run.id)).toEqual([]);
    });
  });

  test.skipIf(!HERE.cgroup)(
    'what moves itself out of its control group is frozen, let go and killed all the same',
    async () => {
      const script = `group=$(sed -n 's/^0:://p' /proc/self/cgroup)
mount=$(awk '/ - cgroup2 /{print $5; exit}' /proc/self/mountinfo)
out="$mount$(dirname "$group")/cgroup.procs"
(setsid sh -c "echo \\$\\$ > $out && echo moved; while :; do echo . >> daemon; sleep 0.02; done" &)
beat() { while :; do echo . >> "$1"; sleep 0.02; done; }
beat parent & beat child & echo $$ > "$out" && echo moved; beat leader`;
      const { run, cwd } = ground.begin('leaver', [noSpaces], ['sh', '-c', script]);
      await until(() => sizes(cwd).every((size) => size > 1));
      // Elsewhere the system may keep it in; as root it is out. What it says goes through two pipes, and comes later.
      if (process.getuid?.() === 0) await until(() => run.stdout === 'moved\nmoved\n');
      await ground.operate('stop', { scope: 'agent:leaver', level: 'frozen' });
      expect(await isStill(cwd)).toBe(true);
      await ground.operate('release', { scope: 'agent:leaver', why: 'tested' });
      const before = sizes(cwd);
      await until(() => sizes(cwd).every((size, i) => size > (before[i] ?? 0)));
      await ground.operate('stop', { scope: 'agent:leaver', level: 'killed' });
      await run.ended;
      expect(alive(run.id)).toEqual([]);
      expect(await isStill(cwd)).toBe(true);
    },
  );

  const modesHere = MODES.filter(({ isHere }) => isHere);

  test('no file that its caller had open is open in the program, in every way of holding', async () => {
    const script =
      'ls /proc/self/fd | tr "\\n" " "; for fd in 9 40 251; do cat /proc/$$/fd/$fd; done; echo done';
    writeFileSync(join(ground.files.directory, LEFT), 'what its caller had open');
    for (const { flags } of modesHere) {
      const { run } = ground.begin('writer', flags, ['sh', '-c', script]);
      run.child.stdin.end();
      expect(await run.ended).toBe(0);
      // 3 is the listing's own.
      expect(run.stdout).toBe('0 1 2 3 done\n');
    }
  });

  test('limits of the processor and of memory hold in every way of holding, and what does not is said at its start', async () => {
    const script = `sh -c 'while :; do :; done'; echo cpu $?
head -c 500000000 /dev/zero | tail -c 499999999 | wc -c; echo after`;
    const all = modesHere.map(({ flags }) => ({
      flags,
      ...ground.begin('tight', flags, ['sh', '-c', script]),
    }));
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
    const all = modesHere.map(({ flags }) => ground.begin('brief', flags, ['sh', '-c', TREE]));
    for (const { run, cwd } of all) {
      await run.ended;
      expect(run.stderr).toContain('it was ended: its time was over');
      expect(alive(run.id)).toEqual([]);
      expect(await isStill(cwd)).toBe(true);
    }
    const ends = (await ground.files.entries('run.ended')).filter(({ agent }) => agent === 'brief');
    expect(ends.map(({ why }) => why)).toEqual(modesHere.map(() => 'its time was over'));
  });

  test('the end of what it printed is kept, however much that was', async () => {
    const script = 'head -c 3000000 /dev/zero | tr "\\0" "\\1"; echo; echo the last words';
    const { run } = ground.begin('writer', [noSpaces], ['sh', '-c', script]);
    expect(await run.ended).toBe(0);
    const { store, close } = await openLogFiles(ground.files.config);
    const body = await store.body(run.id, 'result');
    await close();
    expect(JSON.parse(body?.text ?? '{}').output).toMatch(/the last words\n$/);
  });

  test('curl and git push to elsewhere are refused and in the log, in every way of holding', async () => {
    const script = `curl -sS -m 20 https://elsewhere.invalid/ 2>&1
git init -q . && git -c user.name=x -c user.email=x@example.org commit -q --allow-empty -m x
GIT_TERMINAL_PROMPT=0 git push https://git.elsewhere.invalid/x.git HEAD:main 2>&1; echo pushed $?`;
    const all = modesHere.map(({ flags }) => ground.begin('writer', flags, ['sh', '-c', script]));
    const decided = await ground.files.entries('action.decided');
    for (const { run } of all) {
      await run.ended;
      expect(run.stdout).toMatch(/CONNECT tunnel failed, response 403|HTTP code 403/);
      expect(run.stdout).toMatch(/^pushed [1-9]/m);
    }
    const fresh = (await ground.files.entries('action.decided')).slice(decided.length);
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
      const { run, cwd } = ground.begin(agent, [], [NODE, '-e', call]);
      const decided = async () =>
        (await ground.files.entries('action.decided')).filter(
          (one) => one['agent'] === agent && one['operation'] === 'mcp:box/wait',
        );
      await expect.poll(async () => (await decided()).length, { timeout: 60_000 }).toBe(1);
      await ground.operate('stop', { scope: `agent:${agent}`, level });
      const [{ action } = { action: null }] = await decided();
      const ends = async () =>
        (await ground.files.entries('action.outcome')).filter((one) => one['action'] === action);
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
      const command = ['sh', '-c', 'sleep 3; echo ran'];
      const { run } = ground.begin('writer', [noSpaces], command, { token: given });
      return [await run.ended, run.stderr.trim().split('\n').at(-1), run.stdout];
    };
    const wrong = refusedWith('lyd_00000000_wrong');
    const others = refusedWith(ground.tokens.get('other') ?? '');
    const script = `"${NODE}" "${CLI}" run --agent writer ${noSpaces} -c ${ground.files.config} -- echo ran`;
    const nested = ground.begin('writer', [noSpaces], ['sh', '-c', script]);
    expect(await wrong).toEqual([3, expect.stringContaining('not valid'), '']);
    expect(await others).toEqual([3, expect.stringContaining('"writer"'), '']);
    expect([await nested.run.ended, nested.run.stdout]).toEqual([3, '']);
    await ground.operate('stop', { scope: 'agent:writer', level: 'frozen' });
    expect(await refusedWith(ground.tokens.get('writer') ?? '')).toEqual([
      3,
      expect.stringContaining('frozen'),
      '',
    ]);
    await ground.operate('release', { scope: 'agent:writer', why: 'tested' });
  });

  test('P4 an instance that is killed leaves no program running, whatever holds it', async () => {
    const modes = MODES.filter(({ isHere }) => isHere);
    const all = await Promise.all(modes.map(({ flags }) => ground.tree('other', flags)));
    await ground.running.end('SIGKILL');
    const codes = await Promise.all(all.map(({ run }) => run.ended));
    expect(codes).toEqual(modes.map(() => 4));
    for (const { run, cwd } of all) {
      expect(alive(run.id)).toEqual([]);
      expect(await isStill(cwd)).toBe(true);
    }
    await ground.start();
    expect(await ground.files.run('log verify --deep')).toMatchObject({ code: 0 });
  });
});
