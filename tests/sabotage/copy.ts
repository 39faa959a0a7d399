import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { DoctorReport } from '../../src/main/doctor/doctor.ts';
import { ROOT } from '../source-tree.ts';
import type { Sabotage } from './sabotages.ts';

const COPIED = ['src', 'packs', 'scripts', 'lanyard', 'package.json', 'package-lock.json'];
const CONFIGURATION = `listen: 127.0.0.1:0
people: [{ id: ada, name: Ada, roles: [owner] }]
agents: [{ id: writer, owner: ada, purpose: Writes }]
upstreams: { box: { command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(join(ROOT, 'tests/fixtures/minimal-stdio.mjs'))}] } }
`;

/** A copy of the source tree that can be spoilt, with everything installed beside it. */
export class Copy {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-copy-')));
  readonly #temporary = join(this.directory, 't');
  readonly #sound = new Map<string, string>();

  constructor() {
    for (const name of COPIED) cpSync(join(ROOT, name), join(this.directory, name), { recursive: true });
    const modules = join(this.directory, 'node_modules');
    mkdirSync(modules);
    mkdirSync(this.#temporary);
    // One by one, so that what this copy compiles is cached in it and not in the real tree.
    for (const name of readdirSync(join(ROOT, 'node_modules')))
      if (!name.startsWith('.') || name === '.bin')
        symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    // It never installs anything: everything it needs is there.
    cpSync(join(ROOT, 'package-lock.json'), join(modules, '.lanyard-installed'));
    writeFileSync(join(this.directory, 'lanyard.yaml'), CONFIGURATION);
  }

  /** Patches one control out; throws where the text does not stand in the file exactly once. */
  spoil({ file, find, put }: Sabotage): void {
    const path = join(this.directory, file);
    const sound = readFileSync(path, 'utf8');
    writeFileSync(path, patched(sound, file, find, put));
    this.#sound.set(path, sound);
  }

  /** Puts back what was patched out. */
  mend(): void {
    for (const [path, sound] of this.#sound) writeFileSync(path, sound);
    this.#sound.clear();
  }

  async doctor(
    config = join(this.directory, 'lanyard.yaml'),
  ): Promise<{ code: number; report: DoctorReport; failed: string[] }> {
    const child = spawn(join(this.directory, 'lanyard'), ['doctor', '--json', '-c', config], {
      cwd: this.directory,
      env: { ...process.env, TMPDIR: this.#temporary, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    if (stdout === '') throw new Error(`doctor said nothing: ${stderr}`);
    const report = JSON.parse(stdout) as DoctorReport;
    const failed = Object.values(report.parts)
      .flat()
      .filter(({ sights }) => sights.some(({ fired }) => fired === false))
      .map(({ id }) => id);
    return { code: child.exitCode ?? -1, report, failed };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function patched(source: string, file: string, find: string, put: string): string {
  const parts = source.split(find);
  if (parts.length !== 2)
    throw new Error(
      `${file} holds this ${parts.length - 1} times, not once; bring the sabotage up to date: ${find}`,
    );
  return parts.join(put);
}
