import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { CaseDone, CaseStopRow, CaseUnknown, CaseView } from '../../../../src/contract/case.ts';
import { ask } from '../../api/ask.ts';
import { caseOf } from '../../api/queries.ts';
import { Ago } from '../../look/ago.tsx';
import { Badge, Level } from '../../look/badges.tsx';
import { DoingFault, useActs, useDoing } from '../../look/do.tsx';
import { Foreign } from '../../look/foreign.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Operation, Targets } from '../../look/operation.tsx';
import { Card, Page } from '../../look/page.tsx';
import '../approval/approval.css';
import { Alike } from './alike.tsx';

/** What a stop left to look into. Nothing here releases anything. */
export function Case() {
  const { id } = useParams({ from: '/inside/cases/$id' });
  const query = useQuery(caseOf(id));
  return (
    <Page title="A case" about="What was stopped, and what was done before it.">
      <Loaded query={query}>{(view) => <Whole view={view} />}</Loaded>
    </Page>
  );
}

function Whole({ view }: { readonly view: CaseView }) {
  const open = view.unknown.filter(({ holds }) => holds).length;
  return (
    <>
      <Card title="What was stopped" aside={<Level level={view.now} />}>
        <div className="body stack">
          <p className="mono">
            <Foreign text={view.scope} />
          </p>
          <Release scope={view.scope} now={view.now} />
        </div>
        <ul className="feed">
          {view.stops.map((stop) => (
            <Stop key={stop.seq} stop={stop} />
          ))}
        </ul>
      </Card>
      {view.unknown.length === 0 ? null : (
        <Card title="Nobody knows how these ended" aside={<span className="soft small">{open} open</span>}>
          <ul className="feed">
            {view.unknown.map((one) => (
              <Unknown key={one.action} one={one} />
            ))}
          </ul>
          <Alike unknown={view.unknown} />
        </Card>
      )}
      <Card title={view.since.by === 'look' ? 'Done since the last look' : 'Done in the day before'}>
        <ul className="feed">
          {view.done.map((one) => (
            <Done key={`${one.action} ${one.target?.id ?? ''}`} one={one} />
          ))}
          <li className="soft small">
            <span>
              {view.reads} reads, since <Ago at={view.since.at} />
              {view.more ? '; there was more than is looked at' : ''}
            </span>
          </li>
        </ul>
      </Card>
      {view.debrief === null ? <Close view={view} open={open} /> : <Debrief debrief={view.debrief} />}
    </>
  );
}

/** Whoever has looked into it goes on from here: what was stopped is released where it is shown. */
function Release({ scope, now }: Pick<CaseView, 'scope' | 'now'>) {
  const agent = /^agent:(.+)$/.exec(scope)?.[1];
  if (now === 'live' || (agent === undefined && scope !== 'all')) return null;
  return (
    <p className="small">
      It stays so until a person releases it:{' '}
      {agent === undefined ? (
        <Link to="/agents">Agents</Link>
      ) : (
        <Link to="/agents/$id" params={{ id: agent }}>
          {agent}
        </Link>
      )}
    </p>
  );
}

function Stop({ stop }: { readonly stop: CaseStopRow }) {
  const { past } = stop;
  return (
    <li>
      <span className="grow">
        {stop.rules.length > 0 ? stop.rules.join(', ') : (stop.person ?? stop.by)}
        {stop.why === null ? null : (
          <>
            {': '}
            <Foreign text={stop.why} />
          </>
        )}
        {past === null ? null : (
          <span className="soft small">
            {' '}
            It had:{' '}
            {Object.entries(past)
              .map(([name, value]) => `${name} ${String(value)}`)
              .join(', ')}
          </span>
        )}
      </span>
      <Level level={stop.level} />
      <span className="soft small">
        <Ago at={stop.at} />
      </span>
    </li>
  );
}

function Unknown({ one }: { readonly one: CaseUnknown }) {
  return (
    <li>
      <span className="grow">
        <Link to="/actions/$id" params={{ id: one.action }}>
          <Operation name={one.operation} />
        </Link>{' '}
        <Targets targets={one.targets} />
      </span>
      <Badge tone={one.resolved === null ? 'wait' : 'plain'}>{one.resolved ?? 'find out'}</Badge>
    </li>
  );
}

function Done({ one }: { readonly one: CaseDone }) {
  return (
    <li>
      <span className="grow">
        {one.target === null ? <span className="soft">no target</span> : <Targets targets={[one.target]} />}
        {one.operations.map(({ operation, times, reversibility, undo }) => (
          <span key={operation} className="small">
            {' '}
            {times} × <Operation name={operation} /> {reversibility}
            {undo === null ? '' : `, taken back by ${undo}`}
          </span>
        ))}
      </span>
      <Link className="small" to="/actions/$id" params={{ id: one.action }}>
        last <Ago at={one.at} />
      </Link>
    </li>
  );
}

function Debrief({ debrief }: { readonly debrief: NonNullable<CaseView['debrief']> }) {
  return (
    <Card title="Debrief" aside={<span className="soft small">{debrief.person ?? debrief.by}</span>}>
      <div className="body">
        <dl className="facts">
          <dt>What happened</dt>
          <dd>
            <Foreign text={debrief.happened} lines />
          </dd>
          <dt>What changes</dt>
          <dd>
            <Foreign text={debrief.changes} lines />
          </dd>
        </dl>
      </div>
    </Card>
  );
}

function Close({ view, open }: { readonly view: CaseView; readonly open: number }) {
  const [happened, setHappened] = useState('');
  const [changes, setChanges] = useState('');
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  const close = () =>
    run(async () => {
      const words = { happened: happened.trim(), changes: changes.trim() };
      await ask(`/v1/cases/${encodeURIComponent(view.case)}/close`, words);
      await queries.invalidateQueries();
    });
  if (!useActs()) return null;
  const isReady = open === 0 && happened.trim() !== '' && changes.trim() !== '';
  return (
    <Card title="Close it">
      <div className="body stack">
        <p>
          {open === 0
            ? 'What you say stays in the log. It releases nothing.'
            : 'First say of each action above whose end nobody knows how it ended.'}
        </p>
        <DoingFault error={error} />
        <label className="stack tight">
          <span>What happened</span>
          <textarea
            rows={2}
            maxLength={2000}
            value={happened}
            onChange={(e) => setHappened(e.target.value)}
          />
        </label>
        <label className="stack tight">
          <span>What changes</span>
          <textarea rows={2} maxLength={2000} value={changes} onChange={(e) => setChanges(e.target.value)} />
        </label>
        <div className="row wrap">
          <button type="button" className="main" disabled={busy || !isReady} onClick={close}>
            Close the case
          </button>
        </div>
      </div>
    </Card>
  );
}
