import type { ExitCode } from '../exit-code.ts';
import type { Arguments } from '../read-arguments.ts';
import { revoke } from './agent-revoke.ts';

export function run(args: Arguments): Promise<ExitCode> {
  return revoke(args, 'POST /v1/point-revoke', 'point');
}
