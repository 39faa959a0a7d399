import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type {
  ActionStory,
  DecisionName,
  KeptBody,
  RuleText,
} from '../../../../src/contract/control-reads.ts';
import type { EntryFields } from '../../../../src/contract/log-entry.ts';
import { action } from '../../api/queries.ts';
import { Badge, Fate, Risk } from '../../look/badges.tsx';
import { Cedar } from '../../look/cedar.tsx';
import { Foreign } from '../../look/foreign.tsx';
import { Given } from '../../look/given.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Operation } from '../../look/operation.tsx';
import { Card, Page } from '../../look/page.tsx';
import { Scroller } from '../../look/scroller.tsx';
import { Explained } from './explained.tsx';
import { Resolve } from './resolve.tsx';

/** One action's whole story: what was asked, what was decided and by which rules, how it ended. */
export function OneAction() {
  const { id } = useParams({ from: '/inside/actions/$id' });
  const query = useQuery(action(id));
  return (
    <Page title="One action" about={<span className="mono">{id}</span>}>
      <Loaded query={query}>{(story) => <Story story={story} />}</Loaded>
    </Page>
  );
}

type Told = Partial<EntryFields> & { readonly at?: string; readonly seq?: number };

function Story({ story }: { readonly story: ActionStory }) {
  const decided: Told = story.decided;
  const outcome: Told | null = story.outcome;
  return (
    <>
      <Card
        title="What was tried"
        aside={
          <Fate decision={lastDecision(story)} outcome={outcome?.outcome ?? null} question={story.question} />
        }
      >
        <div className="body stack">
          <p className="row wrap">
            <Operation name={decided.operation ?? ''} />
            {story.operation === null ? <Risk risk="unclassified" /> : <Risk risk={story.operation.risk} />}
          </p>
          <Facts story={story} decided={decided} outcome={outcome} />
        </div>
      </Card>
      <div className="columns">
        <Body title="Arguments" body={story.arguments} />
        <Body title="Result" body={story.result} />
      </div>
      <Card title="Rules that decided">
        <div className="body stack">
          {story.rules.length === 0 ? <p className="soft">No rule allowed it, and that is a no.</p> : null}
          {story.rules.map((rule) => (
            <RuleBlock key={rule.id} rule={rule} />
          ))}
        </div>
      </Card>
      <Explained id={decided.action ?? ''} />
      {outcome?.outcome === 'unknown' ? <Resolve id={decided.action ?? ''} /> : null}
      <Course story={story} />
    </>
  );
}

/** What was held for a person is decided again once she has answered, or is stopped meanwhile. */
function lastDecision({ decided, between }: ActionStory): DecisionName {
  const last: Told = between.findLast(({ kind }) => kind === 'action.decided') ?? decided;
  return last.decision ?? 'deny';
}

function Facts({
  story,
  decided,
  outcome,
}: {
  readonly story: ActionStory;
  readonly decided: Told;
  readonly outcome: Told | null;
}) {
  const targets = decided.targets ?? (decided.target === undefined ? [] : [decided.target]);
  return (
    <dl className="facts">
      <dt>Agent</dt>
      <dd>
        <Link to="/agents/$id" params={{ id: decided.agent ?? '' }}>
          {decided.agent}
        </Link>{' '}
        <span className="soft">of {decided.owner}</span>
      </dd>
      <dt>When</dt>
      <dd>
        <span className="mono">{decided.at}</span>
        {outcome?.at === undefined ? null : (
          <span className="soft">
            {' '}
            ended {Date.parse(outcome.at) - Date.parse(decided.at ?? '')} ms later
          </span>
        )}
      </dd>
      <dt>Target</dt>
      <dd>
        {targets.length === 0
          ? 'none'
          : targets.map(({ type, id }) => (
              <p key={`${type} ${id}`}>
                <span className="soft">{type}</span>{' '}
                <span className="mono">
                  <Foreign text={id} />
                </span>
              </p>
            ))}
      </dd>
      <dt>Decision</dt>
      <dd>
        {decided.decision}
        {decided.code === undefined ? '' : `, ${decided.code}`}
      </dd>
      <dt>It says why</dt>
      <dd>
        {story.claims.reason === null ? (
          <span className="soft">nothing</span>
        ) : (
          <Foreign text={story.claims.reason} />
        )}
      </dd>
      <dt>Had read</dt>
      <dd className="row wrap">
        {(decided.marks ?? []).map((mark) => (
          <Badge key={mark} tone="wait">
            {mark}
          </Badge>
        ))}
        {(decided.marks ?? []).length === 0 ? <span className="soft">nothing marked</span> : null}
      </dd>
      <dt>Session</dt>
      <dd>
        <Link
          to="/actions"
          search={{ agent: undefined, session: decided.session, fate: undefined, text: undefined }}
          className="mono"
        >
          {decided.session}
        </Link>
      </dd>
      <dt>Digest</dt>
      <dd className="mono">
        {decided.digest ?? 'none'}{' '}
        {story.digest.holds ? <Badge tone="fine">holds</Badge> : <Badge tone="stop">does not hold</Badge>}
      </dd>
    </dl>
  );
}

function Body({ title, body }: { readonly title: string; readonly body: KeptBody }) {
  return (
    <Card
      title={title}
      aside={
        body.kept ? (
          <Badge tone={body.holds === true ? 'fine' : 'wait'}>
            {body.holds === true ? 'as digested' : 'differs'}
          </Badge>
        ) : null
      }
    >
      <div className="body stack tight">
        {body.why === undefined ? null : <p className="soft">Not all of it is here: {body.why}.</p>}
        {body.text === undefined ? null : <Given text={body.text} />}
      </div>
    </Card>
  );
}

export function RuleBlock({ rule }: { readonly rule: RuleText }) {
  return (
    <div className="stack tight">
      <p className="row wrap">
        <Badge tone={rule.effect === 'permit' ? 'fine' : rule.review ? 'wait' : 'stop'}>
          {rule.effect ?? 'built in'}
          {rule.review ? `, asks ${rule.review}` : ''}
        </Badge>
        <strong className="mono">{rule.id}</strong>
        <span className="soft small">{rule.file === undefined ? '' : `${rule.file}:${rule.line}`}</span>
      </p>
      {rule.reason ? <p>{rule.reason}</p> : null}
      {rule.text === null ? null : <Cedar text={rule.text} />}
    </div>
  );
}

function Course({ story }: { readonly story: ActionStory }) {
  const entries: Told[] = [
    story.decided,
    ...story.between,
    ...(story.outcome === null ? [] : [story.outcome]),
  ];
  return (
    <Card title="In the log">
      <Scroller label="Entries of this action">
        <table>
          <thead>
            <tr>
              <th scope="col">Entry</th>
              <th scope="col">What</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <tr key={entry.seq}>
                <td className="mono">{entry.seq}</td>
                <td>
                  {entry.kind} {entry.decision ?? entry.outcome ?? ''}
                </td>
                <td className="mono nowrap">{entry.at}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </Card>
  );
}
