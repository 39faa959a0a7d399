import type { Found } from './aftermath.ts';
import type { AgentStep } from './incident.ts';

interface Entry {
  readonly kind: string;
  readonly action?: string;
  readonly operation?: string;
  readonly decision?: string;
  readonly outcome?: string;
}

/** Holds what the log says (`log show --json`, one entry a line) to what the agent tried: each attempt, in order, once. */
export function compareWithLog(json: string, steps: readonly AgentStep[]): Found {
  const entries = json
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry);
  const decided = entries.filter((entry) => entry.kind === 'action.decided');
  const outcomeOf = (action: string | undefined) =>
    entries.find((entry) => entry.kind === 'action.outcome' && entry.action === action)?.outcome;
  const right = steps.filter((step, i) => {
    const entry = decided[i];
    if (entry?.operation !== `mcp:${step.operation}`) return false;
    const outcome = outcomeOf(entry.action);
    return step.must === 'allowed'
      ? entry.decision === 'allow' && outcome === 'ok'
      : entry.decision !== 'allow' && outcome === undefined;
  });
  return {
    what: `attempts of the agent in the log, with what became of each: ${right.length} of ${steps.length}`,
    holds: right.length === steps.length && decided.length === steps.length,
  };
}
