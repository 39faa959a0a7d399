import { useQueries } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { QuestionPage, QuestionsOf } from '../../../../src/contract/approval.ts';
import { questions } from '../../api/queries.ts';
import { LongList } from '../../look/long-list.tsx';
import { Waiting } from './inbox.tsx';

/** Rows beside the screen that are asked for already. */
const AHEAD = 40;

/** A list of questions of any length: the pages of it that are on the screen, or nearly, are asked for and kept fresh. */
export function LongInbox({
  label,
  of,
  first,
}: {
  readonly label: string;
  readonly of: QuestionsOf;
  readonly first: QuestionPage;
}) {
  const size = first.rows.length;
  const most = Math.floor((first.count - 1) / size);
  const [{ from, to }, setPages] = useState({ from: 0, to: 0 });
  const see = useCallback(
    ([begin, end]: [number, number]) => {
      const next = {
        from: Math.floor(Math.max(0, begin - AHEAD) / size),
        to: Math.min(most, Math.floor((end + AHEAD) / size)),
      };
      setPages((now) => (now.from === next.from && now.to === next.to ? now : next));
    },
    [size, most],
  );
  const pages = useQueries({
    queries: Array.from({ length: Math.max(0, to - from + 1) }, (_, n) => questions(of, (from + n) * size)),
  });
  const rowAt = (at: number) => pages[Math.floor(at / size) - from]?.data?.rows[at % size];
  return (
    <LongList
      label={label}
      count={first.count}
      rowHeight={92}
      keyOf={(at) => rowAt(at)?.approval ?? String(at)}
      onSeen={see}
    >
      {(at) => {
        const row = rowAt(at);
        return row === undefined ? <div className="waiting to-come" /> : <Waiting row={row} />;
      }}
    </LongList>
  );
}
