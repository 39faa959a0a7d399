import { Link } from '@tanstack/react-router';
import type { ApprovalRow } from '../../../../src/contract/approval.ts';
import { Operation } from '../../look/operation.tsx';

const MOST = 50;

/** Questions that are alike, as one line each kind: the way to see them beside each other. */
export function Alike({ rows }: { readonly rows: readonly ApprovalRow[] }) {
  const kinds = [...Map.groupBy(rows, ({ alike }) => alike)].filter(
    ([alike, some]) => alike !== null && some.length > 1,
  );
  return kinds.map(([alike, some]) => (
    <p key={alike} className="note row wrap">
      <span>{some.length} alike:</span> <Operation name={some[0]?.operation ?? ''} />
      <Link
        to="/batch"
        search={{
          of: some
            .slice(0, MOST)
            .map(({ approval }) => approval)
            .join(','),
        }}
      >
        See what differs, answer at once
      </Link>
    </p>
  ));
}
