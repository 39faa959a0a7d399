import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { AppealView } from '../../../../src/contract/appeal.ts';
import { ask } from '../../api/ask.ts';
import { appeal, me } from '../../api/queries.ts';
import { Ago } from '../../look/ago.tsx';
import { Badge } from '../../look/badges.tsx';
import { Cedar } from '../../look/cedar.tsx';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Shown } from '../../look/shown.tsx';
import { AppealState } from '../inbox/appeals.tsx';
import '../approval/approval.css';

const TITLES = { question: 'asks', permission: 'asks for a rule', handover: 'hands over' } as const;

/** What an agent put before its owner, in its own words. Nothing here permits anything. */
export function Appeal() {
  const { id } = useParams({ from: '/inside/appeals/$id' });
  const query = useQuery(appeal(id));
  const { data } = query;
  return (
    <Page title={data === undefined ? 'From an agent' : `${data.agent} ${TITLES[data.kind]}`}>
      <Loaded query={query}>{(view) => <Whole view={view} />}</Loaded>
    </Page>
  );
}

const NAMES: Readonly<Record<string, string>> = {
  question: 'It asks',
  operation: 'Operation',
  target: 'Target',
  need: 'What for, it says',
  hours: 'For how many hours',
  worst: 'The worst, it says',
  done: 'Done, it says',
  left: 'Left, it says',
};

function Whole({ view }: { readonly view: AppealView }) {
  const self = useQuery(me).data?.person ?? '';
  const { answer, people } = view;
  return (
    <>
      <Card title="In the agent’s words" aside={<AppealState state={view.state} />}>
        <div className="body stack">
          <dl className="facts">
            {view.says.map(({ name, text }) => (
              <Said key={name} name={NAMES[name] ?? name} text={text} />
            ))}
            {view.worst === undefined ? null : <Said name="The worst, by the catalog" text={view.worst} />}
            <dt>Made</dt>
            <dd>
              <Ago at={view.made} />
            </dd>
            {view.repeats === 0 ? null : (
              <>
                <dt>Asked again after the no</dt>
                <dd>{view.repeats}</dd>
              </>
            )}
          </dl>
        </div>
      </Card>
      {view.rule === undefined ? null : <Rule view={view} rule={view.rule} />}
      {answer === undefined ? null : (
        <p className="note">
          {answer.person} {answer.answer === 'yes' ? 'answered' : 'said no'} <Ago at={answer.at} />
          {answer.option === undefined ? '' : `: ${view.options[answer.option] ?? ''}`}
          {answer.why === undefined ? '' : `: ${answer.why}`}
        </p>
      )}
      {view.state !== 'waiting' ? null : people.includes(self) ? (
        <Answer view={view} />
      ) : (
        <p className="note">This is for {people.join(' or ')}.</p>
      )}
    </>
  );
}

function Said({ name, text }: { readonly name: string; readonly text: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <Shown text={text} />
      </dd>
    </>
  );
}

function Rule({ view, rule }: { readonly view: AppealView; readonly rule: string }) {
  return (
    <Card title="The rule it would take" aside={<Badge tone="plain">in force nowhere</Badge>}>
      <div className="body stack">
        <Cedar text={rule} />
        {(view.problems ?? []).map((line) => (
          <p key={line} className="note stop">
            <Shown text={line} />
          </p>
        ))}
        <p className="soft small">
          To grant it: put this into a file among your policies, or a narrower one, and apply. Then say so
          here.
        </p>
      </div>
    </Card>
  );
}

const YES = { question: 'Answer', permission: 'There is a rule now', handover: 'I have seen it' } as const;
const NO = { question: 'No answer', permission: 'Refuse', handover: 'No' } as const;

function Answer({ view }: { readonly view: AppealView }) {
  const [why, setWhy] = useState('');
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  const say = (answer: 'yes' | 'no', option?: number) =>
    run(async () => {
      const words = why.trim() === '' ? {} : { why: why.trim() };
      const chosen = option === undefined ? {} : { option };
      await ask(`/v1/appeals/${encodeURIComponent(view.appeal)}/answer`, { answer, ...chosen, ...words });
      await queries.invalidateQueries();
    });
  const needsWords = view.kind === 'question' && view.options.length === 0 && why.trim() === '';
  return (
    <section className="verdict" aria-label="Your answer">
      <DoingFault error={error} />
      <label className="stack tight">
        <span>
          In your words{view.kind === 'question' && view.options.length === 0 ? '' : ' (if you like)'}
        </span>
        <textarea rows={2} maxLength={2000} value={why} onChange={(event) => setWhy(event.target.value)} />
      </label>
      <div className="row wrap">
        <button type="button" className="grave" disabled={busy} onClick={() => say('no')}>
          {NO[view.kind]}
        </button>
        {view.options.map((option, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an option is named by its place
          <button key={at} type="button" className="main" disabled={busy} onClick={() => say('yes', at)}>
            <Shown text={option} />
          </button>
        ))}
        {view.options.length > 0 ? null : (
          <button type="button" className="main" disabled={busy || needsWords} onClick={() => say('yes')}>
            {YES[view.kind]}
          </button>
        )}
      </div>
    </section>
  );
}
