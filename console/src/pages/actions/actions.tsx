import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useDeferredValue, useEffect, useId, useState } from 'react';
import type { ActionRow } from '../../../../src/contract/control-reads.ts';
import { type ActionSearch, actions, agents } from '../../api/queries.ts';
import { Ago } from '../../look/ago.tsx';
import { Fault } from '../../look/loaded.tsx';
import { LongList } from '../../look/long-list.tsx';
import { Page } from '../../look/page.tsx';
import { ActionLine } from './row-list.tsx';
import './actions.css';

const ROW_HEIGHT = 42;
const FATES = [
  ['', 'anything'],
  ['allow', 'allowed'],
  ['review', 'held for a person'],
  ['deny', 'denied'],
  ['failed', 'failed'],
  ['aborted', 'aborted'],
  ['unknown', 'end unknown'],
] as const;

/** Everything agents tried, newest first; the instance searches, the page holds only what is seen. */
export function Actions() {
  const search = useSearch({ from: '/inside/actions' });
  return (
    <Page title="Actions" about="Everything agents tried, the newest first.">
      <Filters search={search} />
      <Found search={search} />
    </Page>
  );
}

function Filters({ search }: { readonly search: ActionSearch }) {
  const navigate = useNavigate({ from: '/actions' });
  const [text, setText] = useState(search.text ?? '');
  const wanted = useDeferredValue(text);
  const known = useQuery(agents).data ?? [];
  const ids = { text: useId(), agent: useId(), fate: useId() };
  const set = (change: ActionSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed makes another search
  useEffect(() => {
    const timer = setTimeout(() => {
      if (wanted !== (search.text ?? '')) set({ text: wanted === '' ? undefined : wanted });
    }, 250);
    return () => clearTimeout(timer);
  }, [wanted]);
  return (
    <search className="filters">
      <div className="field">
        <label htmlFor={ids.text}>Holds these letters (operation, target, rule, id)</label>
        <input id={ids.text} type="search" value={text} onChange={(event) => setText(event.target.value)} />
      </div>
      <div className="field">
        <label htmlFor={ids.agent}>Agent</label>
        <select
          id={ids.agent}
          value={search.agent ?? ''}
          onChange={(event) => set({ agent: event.target.value || undefined })}
        >
          <option value="">all</option>
          {known.map(({ id }) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor={ids.fate}>What became of it</label>
        <select
          id={ids.fate}
          value={search.fate ?? ''}
          onChange={(event) => set({ fate: event.target.value || undefined })}
        >
          {FATES.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </div>
    </search>
  );
}

function Found({ search }: { readonly search: ActionSearch }) {
  const { data, error, fetchNextPage, hasNextPage, isFetching, isFetchingNextPage } = useInfiniteQuery(
    actions(search),
  );
  const rows = data?.pages.flatMap((page) => page.rows) ?? [];
  const lookedBackTo = data?.pages.at(-1)?.lookedBackTo ?? null;
  const more = () => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };
  // A page may come back short: the instance looks a bounded way back at a time. Until there is a screenful, go on.
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at again with every page that came
  useEffect(() => {
    if (rows.length < 30) more();
  }, [data]);
  return (
    <div className="card">
      <header>
        <h2 className="grow" aria-live="polite">
          {rows.length}
          {hasNextPage ? '+' : ''} found
        </h2>
        <span className="soft small">
          {isFetching ? 'looking … ' : ''}
          {lookedBackTo === null || !hasNextPage ? null : (
            <>
              looked back to <Ago at={lookedBackTo} />
            </>
          )}
        </span>
      </header>
      {error === null ? null : <Fault error={error} />}
      {rows.length === 0 && !isFetching && error === null ? (
        <p className="empty">Nothing like that was tried{hasNextPage ? ' so far back' : ''}.</p>
      ) : (
        <Long rows={rows} onEnd={more} />
      )}
    </div>
  );
}

/** Only the lines on the screen are in the page. */
function Long({ rows, onEnd }: { readonly rows: readonly ActionRow[]; readonly onEnd: () => void }) {
  const [last, setLast] = useState(0);
  const see = useCallback(([, end]: [number, number]) => setLast(end), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for when the end of what is there is near
  useEffect(() => {
    if (last >= rows.length - 20) onEnd();
  }, [last, rows.length]);
  return (
    <LongList
      label="Actions that were found"
      count={rows.length}
      rowHeight={ROW_HEIGHT}
      keyOf={(at) => rows[at]?.action ?? String(at)}
      onSeen={see}
    >
      {(at) => {
        const row = rows[at];
        return row === undefined ? null : <ActionLine row={row} />;
      }}
    </LongList>
  );
}
