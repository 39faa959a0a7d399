import type { ActionRow } from '../../contract/control-reads.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import type { Store } from '../../store/store.ts';

/** One attempt in a line, from the entry that decided it and, once there is one, the entry that ended it. */
export function rowOf(decided: Entry, ended: Entry | null): ActionRow {
  const {
    action = '',
    seq,
    at,
    agent = '',
    session,
    door,
    operation = '',
    target,
    targets,
    decision,
    code,
  } = decided;
  return {
    action,
    seq,
    at,
    agent,
    session: session ?? null,
    door: door ?? null,
    operation,
    targets: targets ?? (target === undefined ? [] : [target]),
    decision: decision ?? 'deny',
    code: code ?? null,
    rules: decided.rules ?? [],
    outcome: ended?.outcome ?? null,
    endedAt: ended?.at ?? null,
    ...(decision === 'review' && typeof decided.approval === 'string' ? { approval: decided.approval } : {}),
  };
}

/** The row of an action as the log has it now; null where nothing was decided under that id. */
export async function rowFrom(store: Store, action: string): Promise<ActionRow | null> {
  let decided: Entry | null = null;
  let ended: Entry | null = null;
  for await (const page of store.find({ action, kinds: ['action.decided', 'action.outcome'] })) {
    for (const { text } of page) {
      const entry = entryIn(text);
      if (entry.kind === 'action.decided') decided = entry;
      else ended = entry;
    }
  }
  return decided === null ? null : rowOf(decided, ended);
}
