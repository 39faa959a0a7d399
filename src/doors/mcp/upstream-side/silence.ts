import { type Problem, problem } from '../../../base/errors.ts';
import type { Channel } from './channel.ts';

/** How far a server came before the time was over: nothing answered, or its handshake and not its lists. */
export type Reached = 'nothing' | 'handshake';

/** Why a server that is there and says nothing cannot be used, and what shows more. `waitedMs`: how long it had. */
export function silenceOf(
  upstream: string,
  { generation, isProcess }: Pick<Channel, 'generation' | 'isProcess'>,
  reached: Reached,
  waitedMs: number,
): Problem {
  const greeting = generation === '2026' ? 'server/discover' : 'initialize';
  return problem('UPSTREAM_SILENT', {
    upstream,
    began: isProcess ? 'was started and' : 'was asked and',
    do: reached === 'nothing' ? `answer \`${greeting}\`` : 'tell what it offers',
    seconds: waitedMs / 1000,
    help: isProcess
      ? 'start its command by hand and see what it waits for: a download, a login, a setting, or it speaks no MCP on its standard input'
      : 'ask its address by hand: it may be busy, or no MCP endpoint',
  });
}

/** Whether a wait ended because the time was over, and not because nobody wants its end any more. */
export function isTooLate(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
}

/** The reason of such a wait, as `AbortSignal.timeout` gives it. */
export function tooLate(): DOMException {
  return new DOMException('the time is over', 'TimeoutError');
}
