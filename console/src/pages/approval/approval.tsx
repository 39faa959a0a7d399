import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { ApprovalView, LessView } from '../../../../src/contract/approval.ts';
import { approval, me } from '../../api/queries.ts';
import { Ago, Until } from '../../look/ago.tsx';
import { Badge, Risk } from '../../look/badges.tsx';
import { Difference } from '../../look/difference.tsx';
import { DoingFault, useDoing } from '../../look/do.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Operation } from '../../look/operation.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Shown, ShownLines } from '../../look/shown.tsx';
import { State } from '../inbox/inbox.tsx';
import { Answering, type Asking } from './answering.tsx';
import { Gone, isGone } from './gone.tsx';
import { Taken } from './less-offer.tsx';
import './approval.css';
import '../now/now.css';

/** One question to a person: exactly what will happen, and two buttons. Opening it decides nothing. */
export function Approval() {
  const { id } = useParams({ from: '/inside/approvals/$id' });
  return <Asked key={id} id={id} />;
}

function Asked({ id }: { readonly id: string }) {
  const query = useQuery(approval(id));
  const own = useDoing();
  // Taking rules that ask less ends this question, often before the answer to that is here; so they are kept.
  const [taken, take] = useState<LessView['rules'] | null>(null);
  return (
    <Page title={query.data === undefined ? 'Approval' : `${query.data.agent} asks`}>
      {taken !== null ? (
        <Taken rules={taken} />
      ) : isGone(query.error) ? (
        <>
          <DoingFault error={own.error} />
          <Gone id={id} own={own} />
        </>
      ) : (
        <Loaded query={query}>
          {(view) => <Question key={view.approval} view={view} own={own} onTaken={take} />}
        </Loaded>
      )}
    </Page>
  );
}

function Question({ view, own, onTaken }: Asking) {
  const self = useQuery(me).data?.person;
  const isHers = self === undefined || view.people.includes(self);
  return (
    <>
      {isHers || view.state !== 'waiting' ? null : (
        <p className="note wait">
          {view.people.length === 0
            ? 'Nobody can answer this now.'
            : `This waits for ${view.people.join(', ')}: nobody else can say yes.`}
        </p>
      )}
      <div className="card">
        <header>
          <span className="grow row wrap">
            <Operation name={view.operation} />
            <Risk risk={view.risk ?? 'unclassified'} />
            {(view.effect ?? []).map((one) => (
              <Badge key={one} tone="plain">
                {one}
              </Badge>
            ))}
          </span>
          {view.state === 'waiting' ? <Until at={view.expires} /> : <State state={view.state} />}
        </header>
        <Facing view={view} />
        <div className="body stack">
          <What view={view} />
        </div>
      </div>
      <div className="columns">
        <Why view={view} isHers={isHers} />
        <Before view={view} />
      </div>
      <Answering view={view} own={own} onTaken={onTaken} />
    </>
  );
}

const AUDIENCES: Readonly<Record<string, string>> = {
  self: 'Nobody else',
  team: 'The team',
  named: 'People it names',
  public: 'Anyone: it is public',
};
const BACK: Readonly<Record<string, string>> = {
  'read-only': 'Nothing changes',
  reversible: 'Yes',
  'externally-reversible': 'Only with somebody else’s help',
  irreversible: 'No. Nobody can',
};

function Facing({ view }: { readonly view: ApprovalView }) {
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    [
      view.targets.length === 1 ? 'Target' : `${view.targets.length} targets`,
      view.targets.length === 0
        ? 'none'
        : view.targets.map((target) => <TargetLine key={`${target.type} ${target.id}`} {...target} />),
    ],
    ...(view.money === undefined ? [] : [['What it pays', moneyWords(view.money)] as const]),
    ['Who will see it', AUDIENCES[view.audience ?? ''] ?? 'Not known: nobody has classified it'],
    ['Can it be taken back', <Back key="back" view={view} />],
    ['Worst case', view.worst ?? 'Not known: nobody has classified it'],
  ];
  return (
    <div className="facing">
      {facts.map(([name, value]) => (
        <div key={name}>
          <h3>{name}</h3>
          {value}
        </div>
      ))}
    </div>
  );
}

const moneyWords = (money: readonly string[] | null): string =>
  money === null ? 'Not known: its arguments do not say it in a way that can be counted' : money.join(', ');

/** The way back: by which operation, where the catalog names one. What somebody else is needed for is said first. */
function Back({ view: { undo, reversibility } }: { readonly view: ApprovalView }) {
  const words = BACK[reversibility ?? ''] ?? 'Not known: take it for no';
  if (undo === null) return words;
  return (
    <>
      {words}, by{' '}
      <span className="mono">
        <Shown text={undo} />
      </span>
    </>
  );
}

function TargetLine({ type, id }: { readonly type: string; readonly id: string }) {
  return (
    <p>
      <span className="soft small">{type}</span>{' '}
      <span className="mono">
        <Shown text={id} />
      </span>
    </p>
  );
}

function What({ view }: { readonly view: ApprovalView }) {
  const [whole, setWhole] = useState(false);
  const { difference, edited } = view;
  return (
    <>
      {view.redacted ? (
        <p className="note wait">
          Something in the arguments looks like a secret and was not kept; what runs has it. Only the agent’s
          own repeat can spend your yes.
        </p>
      ) : null}
      {difference === null ? null : (
        <div className="stack tight">
          <h3>{edited === undefined ? 'What it would change' : `What ${edited.by} changed in it`}</h3>
          <Difference lines={difference} />
        </div>
      )}
      {view.beside === undefined ? null : (
        <div className="stack tight">
          <h3>The other arguments</h3>
          <ShownLines lines={view.beside} />
        </div>
      )}
      {difference === null || edited !== undefined || whole ? (
        <div className="stack tight">
          <h3>Arguments, whole, as they will be sent</h3>
          {view.arguments === null ? (
            <p className="note stop">They are no longer kept.</p>
          ) : (
            <ShownLines lines={view.arguments} />
          )}
        </div>
      ) : (
        <button type="button" className="bare" onClick={() => setWhole(true)}>
          Show all arguments as they will be sent
        </button>
      )}
    </>
  );
}

function Why({ view, isHers }: { readonly view: ApprovalView; readonly isHers: boolean }) {
  return (
    <Card title={isHers ? 'Why you are asked' : 'Why people are asked'}>
      <ul className="reasons">
        {view.why.map(({ rule, who, reason }) => (
          <li key={`${rule} ${who}`} className="stack tight">
            <span>{reason}</span>
            <span className="soft small">
              rule <span className="mono">{rule}</span> asks {who}
            </span>
          </li>
        ))}
        <li className="soft small">May answer: {view.people.join(', ') || 'nobody now'}</li>
        {view.answers.map(({ person, answer, at, notBeside, noLonger }) => (
          <li key={`${person} ${at}`}>
            <Badge tone={answer === 'approve' ? 'fine' : 'stop'}>{answer === 'approve' ? 'yes' : 'no'}</Badge>{' '}
            {person}{' '}
            <span className="soft small">
              <Ago at={at} />
              {notBeside === undefined
                ? null
                : `; not counted beside ${notBeside.join(', ')}, who invited her lately`}
              {noLonger === true ? '; not counted: may not answer it any more' : null}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Before({ view }: { readonly view: ApprovalView }) {
  return (
    <Card
      title={`What ${view.agent} did before`}
      aside={
        <Link to="/agents/$id" params={{ id: view.agent }}>
          The agent
        </Link>
      }
    >
      <div className="body stack">
        <dl className="facts">
          <dt>Owner</dt>
          <dd>{view.owner}</dd>
          <dt>It says</dt>
          <dd>
            {view.claimedReason === undefined ? (
              <span className="soft">nothing</span>
            ) : (
              <Shown text={view.claimedReason} />
            )}
          </dd>
          <dt>It has read</dt>
          <dd className="row wrap">
            {view.marks.length === 0 ? (
              <span className="soft">nothing marked</span>
            ) : (
              view.marks.map((mark) => (
                <Badge key={mark} tone={mark === 'untrusted' ? 'stop' : 'wait'}>
                  {mark}
                </Badge>
              ))
            )}
          </dd>
        </dl>
      </div>
      <Recent recent={view.recent} />
    </Card>
  );
}

function Recent({ recent }: Pick<ApprovalView, 'recent'>) {
  if (recent.length === 0) return <p className="empty">Nothing in the last minutes.</p>;
  return (
    <ul className="feed">
      {recent.map(({ at, operation, decision, code }) => (
        <li key={`${at} ${operation}`}>
          <span className="cut">
            <Operation name={operation} />
          </span>
          <Badge tone={decision === 'allow' ? 'fine' : decision === 'review' ? 'wait' : 'stop'}>
            {decision === 'allow' ? 'allowed' : decision === 'review' ? 'held' : 'denied'}
          </Badge>
          <span className="soft small">{code ?? ''}</span>
          <span className="soft small">
            <Ago at={at} />
          </span>
        </li>
      ))}
    </ul>
  );
}
