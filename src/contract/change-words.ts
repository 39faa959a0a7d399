/**
 * What somebody signs, in one sentence: she reads it before she reads the members of the entry. `fields` is what the log
 * entry will say. Ids and names alone, but for a target in a scope, which an agent may have written: show it as such. Null
 * where the act has no sentence of its own.
 */
export function changeInWords(act: string, fields: object): string | null {
  return WORDS.get(act)?.((name) => textOf(fields, name), fields) ?? null;
}

type Named = (name: string) => string;

const WORDS: ReadonlyMap<string, (named: Named, fields: object) => string> = new Map(
  Object.entries<(named: Named, fields: object) => string>({
    token: (named, fields) =>
      `${holderOf(named, fields)} gets a new token, good until ${dayOf(named('expiresAt'))}: whoever holds it can act as it.`,
    release: (named) =>
      `${named('scope') === 'all' ? 'Everything' : named('scope')} is released: what was ${named('was')} by that stop can run again.`,
    'release-first': (named) =>
      `The first of two words to release ${scopeOf(named)}, which was killed. Nothing runs before the second.`,
    apply: (_named, fields) =>
      `${manyOf(fields, 'changes', 'change of the files takes', 'changes of the files take')} effect.`,
    accept: (named, fields) =>
      `What ${named('upstream')} lists now is accepted, ${manyOf(fields, 'accepted', 'name', 'names')}: agents can use it as the rules say.`,
    confirm: (_named, fields) =>
      `${manyOf(fields, 'entries', 'act', 'acts')} of before anybody could sign: somebody here did that, and it stands.`,
    invite: (named) => `${named('subject')} is invited to make a passkey, and can act as a person then.`,
    enrol: (named) => `${named('subject')} gets one more passkey.`,
    'remove-passkey': (named) =>
      `A passkey of ${named('subject')} is taken away: nothing can be signed with it.`,
    'recovery-codes': (named) => `${named('subject')} gets new recovery codes; the old ones end.`,
    'take-over': (named) => `${named('owner')} answers for agent ${named('agent')} from now on.`,
    acknowledge: () => 'It counts as seen: nobody is told of it any more.',
    subscribe: (named) => `What waits for ${named('reaches')} is told on one more device.`,
    unsubscribe: (named) => `What waits for ${named('reaches')} is no more told on one device.`,
    'close-case': (named) => `The case of ${scopeOf(named)} is closed. It releases nothing.`,
  }),
);

function textOf(fields: object, name: string): string {
  const value = memberOf(fields, name);
  return typeof value === 'string' ? value : 'somebody';
}

const memberOf = (fields: object, name: string): unknown =>
  Object.getOwnPropertyDescriptor(fields, name)?.value;

function holderOf(named: Named, fields: object): string {
  return memberOf(fields, 'point') === undefined ? `Agent ${named('agent')}` : `Point ${named('point')}`;
}

const scopeOf = (named: Named): string => (named('scope') === 'all' ? 'everything' : named('scope'));

const dayOf = (instant: string): string => instant.slice(0, 10);

function manyOf(fields: object, name: string, one: string, many: string): string {
  const value = memberOf(fields, name);
  const count = Array.isArray(value) ? value.length : 0;
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}
