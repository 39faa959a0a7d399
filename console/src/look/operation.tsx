import type { TargetShape } from '../../../src/contract/log-entry.ts';
import { Foreign } from './foreign.tsx';

/** `mcp:files/write_file`, with the part that matters most last and strongest. */
export function Operation({ name }: { readonly name: string }) {
  const cut = name.indexOf('/');
  return (
    <span className="mono operation">
      <span className="soft">{name.slice(0, cut + 1).replace(/^mcp:/, '')}</span>
      <strong>
        <Foreign text={name.slice(cut + 1)} />
      </strong>
    </span>
  );
}

/** The first target, and how many more there are; whole, over as many lines as it takes. */
export function Targets({ targets }: { readonly targets: readonly TargetShape[] }) {
  const [first] = targets;
  if (first === undefined) return null;
  return (
    <span className="mono soft">
      <Foreign text={first.id} />
      {targets.length > 1 ? ` and ${targets.length - 1} more` : ''}
    </span>
  );
}

/** The longest last part of a path that is kept whole, with its slash, and how much of the end of anything else that is long. */
const LAST_PART = 32;
const LAST_LETTERS = 20;

/** Where the end of a name begins that stays where there is no room for the whole; 0: it has no end of its own. */
function endOf(id: string): number {
  const slash = id.lastIndexOf('/', id.length - 2);
  if (slash > 0 && id.length - slash <= LAST_PART) return slash;
  if (id.length <= LAST_PART) return 0;
  const at = id.length - LAST_LETTERS;
  // Never between the two halves of one letter.
  return /[\udc00-\udfff]/.test(id.charAt(at)) ? at + 1 : at;
}

/** The same in one line, however narrow: of a long name the beginning and the end. */
export function TargetsInLine({ targets }: { readonly targets: readonly TargetShape[] }) {
  const [first] = targets;
  if (first === undefined) return null;
  const at = endOf(first.id);
  return (
    <span className="mono soft in-line">
      <span className="head">
        <Foreign text={at === 0 ? first.id : first.id.slice(0, at)} />
      </span>
      {at === 0 ? null : (
        <span className="tail">
          <Foreign text={first.id.slice(at)} />
        </span>
      )}
      {targets.length > 1 ? <span className="more"> and {targets.length - 1} more</span> : null}
    </span>
  );
}
