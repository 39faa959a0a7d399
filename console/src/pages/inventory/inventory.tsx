import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { AbilityRow } from '../../../../src/contract/control-reads.ts';
import { inventory } from '../../api/queries.ts';
import { Badge, Risk } from '../../look/badges.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Operation } from '../../look/operation.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Scroller } from '../../look/scroller.tsx';
import { inWords } from '../agents/in-words.ts';

const MOST_SHOWN = 300;

export function Inventory() {
  return (
    <Page
      title="Inventory"
      about="Everything every agent could do, with what and behind which limits. What lacks a limit stands first."
    >
      <Loaded query={useQuery(inventory)}>
        {({ rows, unseen }) => (
          <>
            {unseen.length === 0 ? null : (
              <p className="note wait">Never connected, so nothing is known of: {unseen.join(', ')}.</p>
            )}
            <Table rows={rows} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

const holds = (row: AbilityRow, words: string): boolean =>
  `${row.agent} ${row.operation} ${row.risk} ${row.upstream} ${row.credentials.join(' ')}`.includes(words);

function Table({ rows }: { readonly rows: readonly AbilityRow[] }) {
  const [words, setWords] = useState('');
  const [all, setAll] = useState(false);
  const field = useId();
  const found = rows.filter((row) => (all || row.rules !== 'deny') && holds(row, words.trim()));
  return (
    <>
      <search className="row wrap">
        <span className="field grow wide">
          <label htmlFor={field}>Agent, operation, risk or credential</label>
          <input id={field} type="search" value={words} onChange={(event) => setWords(event.target.value)} />
        </span>
        <label className="row">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} /> also what
          is denied
        </label>
      </search>
      <Card title={`${found.length} of ${rows.length}`}>
        <Scroller label="Inventory">
          <table className="folds">
            <thead>
              <tr>
                <th scope="col">Agent</th>
                <th scope="col">Operation</th>
                <th scope="col">Rules</th>
                <th scope="col">What it amounts to</th>
                <th scope="col">With</th>
                <th scope="col">Used</th>
              </tr>
            </thead>
            <tbody>
              {found.slice(0, MOST_SHOWN).map((row) => (
                <Line key={`${row.agent} ${row.operation}`} row={row} />
              ))}
            </tbody>
          </table>
        </Scroller>
        {found.length > MOST_SHOWN ? (
          <p className="empty">The first {MOST_SHOWN}. Search for the rest.</p>
        ) : null}
      </Card>
    </>
  );
}

const RULES = { allow: ['fine', 'allowed'], hold: ['wait', 'asks'], deny: ['stop', 'denied'] } as const;

function Line({ row }: { readonly row: AbilityRow }) {
  const [tone, word] = RULES[row.rules];
  return (
    <tr>
      <td>
        <strong>{row.agent}</strong>
      </td>
      <td className="whole">
        <span className="row wrap">
          <Operation name={row.operation} /> <Risk risk={row.risk} />
        </span>
      </td>
      <td>
        <Badge tone={row.lacksLimit ? 'stop' : tone}>{row.lacksLimit ? 'no limit' : word}</Badge>
      </td>
      <td className="small whole">
        {inWords(row)}
        {row.worst === null ? null : <p className="soft">Worst: {row.worst}</p>}
      </td>
      <td className="mono">{row.credentials.join(', ')}</td>
      <td className="nowrap">{row.neverUsed ? <span className="soft">never</span> : `${row.used}×`}</td>
    </tr>
  );
}
