import type { OperationEntry } from '../../catalog/entry.ts';
import { entryIn } from '../../contract/log-entry.ts';
import { Pins } from '../../pipeline/action/pins.ts';
import { compileInForce, type InForce } from '../../pipeline/in-force.ts';
import type { RuleInfo } from '../../policy/index.ts';
import type { Store } from '../../store/store.ts';
import { recallPins } from '../memory.ts';
import { resolveSet } from './resolve-set.ts';
import { decodeSet } from './rule-set.ts';

/** What was in force when an entry was written, as far as it can be built again from what is kept by digest. */
export interface SetAt {
  /** Digest of the set; null where the log does not say. */
  readonly set: string | null;
  /** What it is built again as; null where it cannot be, and `why` says why not. */
  readonly inForce: InForce | null;
  readonly why: string | null;
}

/** `seq`: of the entry. `configPath`: what paths of the set are relative to. Executes nothing, needs no secret. */
export async function setAt(store: Store, configPath: string, state: string, seq: number): Promise<SetAt> {
  const set = await digestBefore(store, seq);
  if (set === null) return { set, inForce: null, why: 'the log does not say what was in force' };
  const text = await store.cell('set', set);
  if (text === null) return { set, inForce: null, why: 'that set is not kept here' };
  const pins = new Pins();
  await recallPins(store, pins);
  pins.assumeListed();
  const around = { configPath, state, environment: {}, withoutSecrets: true };
  const resolved = resolveSet(decodeSet(text), around);
  const built = resolved.ok ? compileInForce(resolved.value.parts, pins, 'hide') : null;
  if (built?.ok === true) return { set, inForce: built.value, why: null };
  return { set, inForce: null, why: 'that set can no longer be built on this machine' };
}

async function digestBefore(store: Store, seq: number): Promise<string | null> {
  let digest: string | null = null;
  for await (const page of store.find({ kinds: ['operator.applied', 'instance.started'] })) {
    for (const row of page) {
      if (row.seq >= seq) return digest;
      const { set } = entryIn(row.text);
      if (typeof set === 'string') digest = set;
    }
  }
  return digest;
}

export function ruleOf({ inForce }: SetAt, id: string): RuleInfo | undefined {
  return inForce?.policy.rules.find((rule) => rule.id === id);
}

/** The catalog's entry of `mcp:<upstream>/<name>`; undefined: unclassified, or not known any more. */
export function entryOf({ inForce }: SetAt, operation: string): OperationEntry | undefined {
  const [, upstream = '', name = ''] = /^mcp:([^/]+)\/(.+)$/.exec(operation) ?? [];
  return inForce?.upstreams.get(upstream)?.entryOf(name);
}
