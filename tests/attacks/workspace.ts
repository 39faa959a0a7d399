import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a filesystem server behind the gateway serves, and what lies beside it. */
export const INSIDE = 'what a.txt holds';
export const HIDDEN = 'SECRET=what .env holds';
export const OUTSIDE = 'what lies outside';

/** Lays everything out anew: a file, a hidden one, a directory, and links that lead out of the workspace and to the hidden one. */
export function layOut(workspace: string): void {
  rmSync(workspace, { recursive: true, force: true });
  mkdirSync(join(workspace, 'sub'), { recursive: true });
  writeFileSync(join(dirname(workspace), 'outside.txt'), OUTSIDE);
  writeFileSync(join(workspace, 'a.txt'), INSIDE);
  writeFileSync(join(workspace, '.env'), HIDDEN);
  writeFileSync(join(workspace, '50%.txt'), INSIDE);
  symlinkSync(dirname(workspace), join(workspace, 'up'));
  symlinkSync(join(dirname(workspace), 'outside.txt'), join(workspace, 'out.txt'));
  symlinkSync('.env', join(workspace, 'harmless.txt'));
  symlinkSync('loop', join(workspace, 'loop'));
}

/** What of it is no longer as it was laid out; `.env` and what lies outside must never change. */
export function damageTo(workspace: string): readonly string[] {
  const faults: string[] = [];
  const holds = (path: string, content: string) => existsSync(path) && readFileSync(path, 'utf8') === content;
  if (!holds(join(workspace, '.env'), HIDDEN)) faults.push('.env was changed');
  if (!holds(join(dirname(workspace), 'outside.txt'), OUTSIDE)) faults.push('a file outside was changed');
  return faults;
}
