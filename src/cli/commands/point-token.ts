import type { ExitCode } from '../exit-code.ts';
import type { Arguments } from '../read-arguments.ts';
import { printToken } from './agent-token.ts';

/** `point token ID`: like an agent's, good at the check door alone. */
export function run(args: Arguments): Promise<ExitCode> {
  return printToken(args, 'POST /v1/point-token', 'point');
}
