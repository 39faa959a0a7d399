import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState } from 'react';
import type { ApprovalView, LessView } from '../../../../src/contract/approval.ts';
import { approve, deny } from '../../api/answer.ts';
import { me } from '../../api/queries.ts';
import { type Doing, DoingFault, useActs } from '../../look/do.tsx';
import { Icon } from '../../look/icons.tsx';
import { Edit, type Typed } from './edit.tsx';
import { GrantOffer } from './grant-offer.tsx';
import { LessOffer } from './less-offer.tsx';

export interface Asking {
  readonly view: ApprovalView;
  /** What became of her own answer: it outlives the buttons, since another's may have been there first. */
  readonly own: Doing;
  /** Called once these rules, which ask this no more, are in force. */
  onTaken(rules: LessView['rules']): void;
}

const WORDS: Readonly<Record<Exclude<ApprovalView['state'], 'waiting'>, string>> = {
  approved: 'It was approved; the agent’s next identical attempt runs, once.',
  denied: 'It was denied.',
  expired: 'It is over: nobody answered in time, or the yes was not used in time. Both are a no.',
};

/** What may be answered here and now, or why nothing may. */
export function Answering({ view, own, onTaken }: Asking) {
  const self = useQuery(me).data?.person ?? '';
  const acts = useActs();
  const [read, readIt] = useState(view.digest);
  // What she has typed outlives whatever is shown in its place meanwhile.
  const [typed, type] = useState<Typed | null>(null);
  const [why, setWhy] = useState('');

  const judging = { view, own, why, onWhy: setWhy };
  if (!view.people.includes(self))
    return view.state === 'waiting' && acts ? (
      <TakeBack {...judging} />
    ) : (
      <Over view={view} own={own} words={wordsOf(view)} />
    );
  const verdict = <Verdict {...judging} />;
  if (view.mayBeLate) return verdict;
  if (view.state !== 'waiting') return <Over view={view} own={own} words={wordsOf(view)} />;
  if (view.answers.some(({ person }) => person === self))
    return <Over view={view} own={own} words={`You have said yes. ${waitsFor(view)}`} />;
  if (view.digest !== read && view.edited?.by !== self)
    return <Changed by={view.edited?.by ?? 'Somebody'} onRead={() => readIt(view.digest)} />;
  return (
    <>
      <Edit key={view.digest} view={view} typed={typed} onType={type} />
      <GrantOffer view={view} />
      <LessOffer view={view} onTaken={onTaken} />
      {verdict}
    </>
  );
}

/** What somebody has just read is not what stands there by now, and the button is where it was: so it goes, until she has read. */
function Changed({ by, onRead }: { readonly by: string; onRead(): void }) {
  return (
    <section className="verdict" role="alert" aria-label="It was changed">
      <p className="note wait">
        {by} changed the arguments while this page was open. Read above what they are now.
      </p>
      <div className="row">
        <button type="button" onClick={onRead}>
          I have read it
        </button>
      </div>
    </section>
  );
}

const wordsOf = ({ state, people }: ApprovalView): string =>
  state === 'waiting' ? `This waits for ${people.join(', ') || 'nobody who could answer'}.` : WORDS[state];

/** Where everybody has said yes and it waits still, some of them do not count beside each other. */
function waitsFor({ people, answers }: ApprovalView): string {
  const left = people.filter((id) => !answers.some(({ person }) => person === id));
  return left.length > 0
    ? `It waits for others as well: ${left.join(', ')}.`
    : 'So has everybody who may answer, and it is not enough: see whose yes does not count. Nobody is left to ask; it runs out.';
}

interface Judging extends Omit<Asking, 'onTaken'> {
  readonly why: string;
  onWhy(why: string): void;
}

/** Of somebody who was told because those whom it asks did not answer: she can end it, and nothing else. */
function TakeBack({ view, own, why, onWhy }: Judging) {
  const queries = useQueryClient();
  const { busy, error, run } = own;
  const field = useId();
  const take = () =>
    run(async () => {
      await deny(view, why);
      await queries.invalidateQueries();
    });
  return (
    <>
      <div className="field">
        <label htmlFor={field}>Why you take it back (kept in the log)</label>
        <input id={field} value={why} onChange={(event) => onWhy(event.target.value)} maxLength={2000} />
      </div>
      <p className="soft small">
        The agent is told that it was taken back, and nothing runs. It is nobody’s no: the same call asks
        anew.
      </p>
      <section className="verdict" aria-label="What you can do">
        <DoingFault error={error} />
        <div className="row">
          <button type="button" className="grave" disabled={busy} onClick={take}>
            Take the question back
          </button>
        </div>
      </section>
    </>
  );
}

function Verdict({ view, own, why, onWhy }: Judging) {
  const queries = useQueryClient();
  const { busy, error, run } = own;
  const field = useId();
  const answer = (how: () => Promise<void>) =>
    run(async () => {
      await how();
      await queries.invalidateQueries();
    });
  return (
    <>
      <div className="field">
        <label htmlFor={field}>Why not, if you say no (kept in the log)</label>
        <input id={field} value={why} onChange={(event) => onWhy(event.target.value)} maxLength={2000} />
      </div>
      <p className="soft small">
        {view.mayBeLate
          ? 'Nobody answered in time, which was a no. A late yes counts for the next identical attempt, once, as long as the first time; then it is over.'
          : 'Your yes is for this one action, once. If anything about it changes, you are asked again.'}
      </p>
      <section className="verdict" aria-label="Your answer">
        <DoingFault error={error} />
        <div className="row">
          <button
            type="button"
            className="grave"
            disabled={busy}
            onClick={() => answer(() => deny(view, why))}
          >
            Deny
          </button>
          <button type="button" className="main" disabled={busy} onClick={() => answer(() => approve(view))}>
            <Icon name="key" /> {view.mayBeLate ? 'Approve late' : 'Approve'}
          </button>
        </div>
      </section>
    </>
  );
}

/** Whoever has just answered stands here afterwards: the button that had the focus is gone. */
function Over({ view, own, words }: Omit<Asking, 'onTaken'> & { readonly words: string }) {
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (own.began) place.current?.focus();
  }, [own.began]);
  return (
    <>
      <DoingFault error={own.error} />
      <p className="note" ref={place} tabIndex={-1}>
        {words}{' '}
        <Link to="/actions/$id" params={{ id: view.action }}>
          The whole story
        </Link>
      </p>
    </>
  );
}
