import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../../base/clock.ts';
import { LIMITS } from '../../../base/limits.ts';
import { findMeans } from '../../../doors/run/index.ts';
import { CanaryProgram } from '../canary-program.ts';
import { type Check, type Sight, untried } from '../check.ts';
import type { LaboratoryScene } from '../scene.ts';

/** Asks the way out for a host that no rule names, and connects a canary server past it; writes what came of both. */
const TRY = `const { request } = require('node:http'), { connect } = require('node:net'), { writeFileSync } = require('node:fs');
const [, , file, port] = process.argv;
const said = {};
const tell = (name, what) => { said[name] ??= what; if ('way' in said && 'past' in said) writeFileSync(file, JSON.stringify(said)); };
const proxy = new URL(process.env.HTTPS_PROXY);
request({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: 'nowhere.invalid:443',
  headers: { Host: 'nowhere.invalid:443', 'Proxy-Authorization': 'Basic ' + btoa(proxy.username + ':' + proxy.password) } })
  .on('connect', (res, socket) => { tell('way', res.statusCode); socket.destroy(); })
  .on('error', (error) => tell('way', error.code)).end();
connect(Number(port), '127.0.0.1').on('connect', function () { tell('past', 'connected'); this.destroy(); })
  .on('error', (error) => tell('past', error.code));
`;

/** A real program under `./lanyard run` of the sibling. */
export const programs: Check<LaboratoryScene> = {
  id: 'run',
  control:
    'A program under run is frozen and killed with all that it started, and gets out by no way that no rule names',
  async run({ sibling, ground, hub }) {
    const token = await sibling.token('runner');
    const first = `'${process.execPath}' try.cjs tried ${new URL(hub.url('')).port}\n`;
    const program = new CanaryProgram({
      ground,
      directory: 'run',
      config: sibling.config,
      agent: 'runner',
      token,
      first,
    });
    ground.write('run/try.cjs', TRY);
    program.start();
    try {
      await until(LIMITS.doctorStartMs, () => program.isAlive || program.hasEnded);
      if (!program.isAlive)
        return [
          {
            surface: 'run',
            did: 'started a program',
            saw: `it did not live: ${program.lastWords}`,
            fired: false,
          },
        ];
      const surface = `run, held by ${program.held}`;
      return [
        ...ways(surface, join(program.directory, 'tried')),
        ...(await stops(surface, program, sibling)),
      ];
    } finally {
      await program.end();
    }
  },
};

function ways(surface: string, path: string): Sight[] {
  const said = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>) : {};
  const { way = 'nothing', past = 'nothing' } = said;
  const did = 'connected a server past the way out, from within';
  const { namespaces, seatbelt } = findMeans({ cgroup: false, namespaces: true });
  return [
    {
      surface,
      did: 'asked the way out for a host that no rule names',
      saw: way === 403 ? 'refused' : `answered ${String(way)}`,
      fired: way === 403,
    },
    namespaces || seatbelt
      ? { surface, did, saw: `${String(past)}`, fired: past !== 'connected' && past !== 'nothing' }
      : untried(surface, did, 'without a sandbox it reaches what you reach; start and the list below say so'),
  ];
}

async function stops(
  surface: string,
  program: CanaryProgram,
  sibling: LaboratoryScene['sibling'],
): Promise<Sight[]> {
  await sibling.tell('POST /v1/stop', { scope: 'agent:runner', level: 'frozen' });
  const frozen = await isStill(program);
  const isThere = program.isThere;
  await sibling.tell('POST /v1/release', { scope: 'agent:runner', why: 'doctor goes on' });
  const before = program.lastBeatMs;
  const goesOn = await until(LIMITS.doctorCallMs, () => program.lastBeatMs > before);
  await sibling.tell('POST /v1/stop', { scope: 'agent:runner', level: 'killed' });
  const gone = await until(LIMITS.doctorCallMs, () => program.isGone);
  return [
    {
      surface,
      did: 'stopped its agent',
      saw: frozen ? 'nothing of it runs' : 'something of it runs on',
      fired: frozen && isThere,
    },
    {
      surface,
      did: 'released it',
      saw: goesOn ? 'it goes on' : 'it does not go on',
      fired: goesOn,
    },
    {
      surface,
      did: 'killed its agent',
      saw: gone ? 'no process of it is left' : 'processes of it are left',
      fired: gone,
    },
  ];
}

async function isStill(program: CanaryProgram): Promise<boolean> {
  let [last, sinceMs] = [program.lastBeatMs, systemClock.monotonicMs()];
  return until(LIMITS.doctorCallMs, () => {
    if (program.lastBeatMs !== last) [last, sinceMs] = [program.lastBeatMs, systemClock.monotonicMs()];
    return systemClock.monotonicMs() - sinceMs >= LIMITS.drillStillMs;
  });
}

async function until(withinMs: number, holds: () => boolean): Promise<boolean> {
  const endMs = systemClock.monotonicMs() + withinMs;
  while (!holds()) {
    if (systemClock.monotonicMs() > endMs) return false;
    await pause(LIMITS.drillPulseMs);
  }
  return true;
}
