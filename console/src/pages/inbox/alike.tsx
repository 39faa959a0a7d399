import { Link } from '@tanstack/react-router';
import type { QuestionPage } from '../../../../src/contract/approval.ts';
import { Operation } from '../../look/operation.tsx';

/** Questions that are alike, as one line each kind: the way to see them beside each other. */
export function Alike({ kinds }: { readonly kinds: QuestionPage['alike'] }) {
  return kinds.map(({ operation, count, of }) => (
    <p key={of[0]} className="note row wrap">
      <span>{count} alike:</span> <Operation name={operation} />
      <Link to="/batch" search={{ of: of.join(',') }}>
        See what differs, answer {of.length < count ? `${of.length} at once` : 'at once'}
      </Link>
    </p>
  ));
}
