import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { ActionRow } from '../../../../src/contract/control-reads.ts';
import { Ago } from '../../look/ago.tsx';
import { Fate } from '../../look/badges.tsx';
import { Operation, TargetsInLine } from '../../look/operation.tsx';
import './actions.css';

/** One attempt in one line; on a phone the operation has the first line, and the target one of its own. Made again only when its action is another, however often its list scrolls. */
export const ActionLine = memo(function ActionLine({
  row,
  brief,
}: {
  readonly row: ActionRow;
  readonly brief?: boolean;
}) {
  const fate = <Fate decision={row.decision} outcome={row.outcome} question={row.question} />;
  if (brief === true)
    return (
      <Link to="/actions/$id" params={{ id: row.action }} className="action-row">
        <span className="cut">
          <Operation name={row.operation} />
        </span>
        <span className="cut">
          <TargetsInLine targets={row.targets} />
        </span>
        <span className="row">
          {fate}
          <span className="soft small">
            <Ago at={row.at} />
          </span>
        </span>
      </Link>
    );
  return (
    <Link to="/actions/$id" params={{ id: row.action }} className="action-row">
      <span className="cut">
        <Operation name={row.operation} />
      </span>
      <span className="cut">
        <TargetsInLine targets={row.targets} />
      </span>
      <span className="cut small">{row.agent}</span>
      <span>{fate}</span>
      <span className="soft small">
        <Ago at={row.at} />
      </span>
    </Link>
  );
});

export function RowList({ rows, empty }: { readonly rows: readonly ActionRow[]; readonly empty: string }) {
  if (rows.length === 0) return <p className="empty">{empty}</p>;
  return (
    <ul className="brief">
      {rows.map((row) => (
        <li key={row.action}>
          <ActionLine row={row} brief />
        </li>
      ))}
    </ul>
  );
}
