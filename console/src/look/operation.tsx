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

/** The first target, and how many more there are. */
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
