import type { OperatorAct } from '../../pipeline/operate.ts';
import type { Foundation } from '../foundation.ts';
import { originsOf } from '../people/control-place.ts';
import { decodeSet } from './rule-set.ts';

/** That a set is in force from here on, with its text; the pins of `anew` go with the entry. */
export function firstApply(
  { pins }: Foundation,
  { set }: { readonly set: { readonly parts: { readonly digest: string }; readonly text: string } },
  changes: readonly string[],
  anew: readonly string[] = [],
): OperatorAct<void> {
  const origins = originsOf(decodeSet(set.text).configuration);
  const unpinned = anew.flatMap((id) => pins.generations(id).map((generation) => `${id}/${generation}`));
  return {
    name: 'apply',
    fields: {
      set: set.parts.digest,
      changes: changes.slice(0, 200),
      ...(origins.length === 0 ? {} : { origins }),
      ...(unpinned.length === 0 ? {} : { unpinned }),
    },
    cells: [
      { kind: 'set', key: set.parts.digest, value: set.text },
      { kind: 'in-force', key: 'set', value: set.parts.digest },
      ...unpinned.map((key) => ({ kind: 'pins', key, value: null })),
    ],
    apply: () => undefined,
  };
}
