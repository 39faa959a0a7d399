import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { ApprovalFate } from '../../../../src/contract/approval.ts';
import { Refused } from '../../api/ask.ts';
import { fate } from '../../api/queries.ts';
import { Ago } from '../../look/ago.tsx';
import type { Doing } from '../../look/do.tsx';
import { Operation } from '../../look/operation.tsx';

/** Whether the instance has no such question (any more). */
export const isGone = (error: Error | null): boolean =>
  error instanceof Refused && error.code === 'UNKNOWN_APPROVAL';

const ENDS: Readonly<Record<string, string>> = {
  spent: 'It was approved, and its yes was used.',
  denied: 'It was denied.',
  expired: 'Nobody answered in time, or the yes was not used in time. Both are a no.',
  operator: 'It was taken back before anybody had answered.',
  granted: 'A grant that was given meanwhile let it run.',
  needless: 'Nobody needs to answer it any more: no rule asks about it now, or the agent gave it up.',
  'rules-changed': 'The rules have changed since it was asked.',
  'owner-changed': 'The agent has another owner or backup since it was asked.',
  'more-asked': 'Another rule asks about it as well.',
  'target-changed': 'What it would be done to has changed since it was asked.',
  'agent-gone': 'The agent is not in the configuration any more.',
  killed: 'The agent was killed.',
  'edit-unfit': 'What was made of it does not fit what is in force any more.',
  'state-differs': 'What was kept of it was not what the log says, so it counts for nothing.',
  unrecorded: 'It could not be recorded.',
};

/**
 * For whoever comes by a list or a message that is older than the question's end: how it ended, and where it goes on.
 */
export function Gone({ id, own }: { readonly id: string; readonly own: Doing }) {
  const { data: found, isPending } = useQuery(fate(id));
  const place = useRef<HTMLDivElement>(null);
  // Whoever has just ended it stands here afterwards: the button that had the focus is gone.
  useEffect(() => {
    if (own.began && !isPending) place.current?.focus();
  }, [own.began, isPending]);
  if (isPending) return null;
  return (
    <div className="note stack" role="status" ref={place} tabIndex={-1}>
      <p>
        <strong>This question is over.</strong> {found?.ended === null ? '' : ENDS[found?.ended ?? '']}
      </p>
      {found === undefined ? <p>The log has no question of this name.</p> : <Where fate={found} />}
      <p>
        What waits for you is in the <Link to="/inbox">inbox</Link>.
      </p>
    </div>
  );
}

function Where({ fate: { agent, operation, action, asked, instead } }: { readonly fate: ApprovalFate }) {
  return (
    <>
      <p>
        {agent} asked for <Operation name={operation} /> <Ago at={asked} />.{' '}
        <Link to="/actions/$id" params={{ id: action }}>
          The whole story
        </Link>
      </p>
      {instead === null ? null : (
        <p>
          It was asked anew:{' '}
          <Link to="/approvals/$id" params={{ id: instead }}>
            the question that took its place
          </Link>
        </p>
      )}
    </>
  );
}
