import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { changeInWords } from '../../../../src/contract/change-words.ts';
import type { ApiChange } from '../../../../src/contract/control-api.ts';
import { ask } from '../../api/ask.ts';
import { change, me } from '../../api/queries.ts';
import { signChange } from '../../api/sign.ts';
import { Until } from '../../look/ago.tsx';
import { Badge } from '../../look/badges.tsx';
import { DoingFault, useActs, useDoing } from '../../look/do.tsx';
import { Foreign } from '../../look/foreign.tsx';
import { Given } from '../../look/given.tsx';
import { Icon } from '../../look/icons.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Card, Page } from '../../look/page.tsx';
import '../approval/approval.css';

/** A change that widens and waits for a signature. What is signed is exactly what is shown. */
export function Confirm() {
  const { id } = useParams({ from: '/inside/confirm/$id' });
  const query = useQuery(change(id));
  return (
    <Page title={query.data === undefined ? 'A change' : titleOf(query.data)}>
      <Loaded query={query}>{(one) => <Waiting one={one} />}</Loaded>
    </Page>
  );
}

const isTest = ({ act }: ApiChange): boolean => act === 'test-approval';
const titleOf = (one: ApiChange): string => (isTest(one) ? 'A test question' : `Confirm: ${one.act}`);

function Waiting({ one }: { readonly one: ApiChange }) {
  const queries = useQueryClient();
  // What an auditor signs with is her own matter; everything else is read.
  const isOwn = useQuery(me).data?.person === one.asked;
  const acts = useActs() || isOwn;
  const { busy, error, run } = useDoing();
  const then = (what: () => Promise<unknown>) =>
    run(async () => {
      await what();
      await queries.invalidateQueries();
    });
  return (
    <>
      <InWords one={one} />
      <Card
        title="What the log will say"
        aside={one.state === 'waiting' ? <Until at={one.expires} /> : <Badge tone="plain">{one.state}</Badge>}
      >
        <div className="body stack">
          <Given text={JSON.stringify(one.fields)} />
          <dl className="facts">
            <dt>Asked by</dt>
            <dd>
              {one.asked === 'socket' ? 'a program on the machine, by its socket: was that you?' : one.asked}
            </dd>
            <dt>Digest of the change</dt>
            <dd className="mono">{one.change}</dd>
          </dl>
        </div>
      </Card>
      {one.state === 'waiting' && !acts ? (
        <p className="note">It waits for somebody who may sign it. An auditor reads this.</p>
      ) : one.state === 'waiting' ? (
        <section className="verdict" aria-label="Your answer">
          <DoingFault error={error} />
          <div className="row">
            <button
              type="button"
              className="grave"
              disabled={busy}
              onClick={() => then(() => ask(`/v1/changes/${encodeURIComponent(one.id)}/drop`, {}))}
            >
              {isTest(one) ? 'No' : 'Drop it'}
            </button>
            <button
              type="button"
              className="main"
              disabled={busy}
              onClick={() => then(() => signChange(one))}
            >
              <Icon name="key" /> {isTest(one) ? 'Approve the test' : 'Confirm'}
            </button>
          </div>
        </section>
      ) : (
        <p className="note">
          {endOf(one)} {one.asked === 'socket' ? 'Whoever asked has been told. ' : ''}
          <Link to="/duties">Duties</Link>
        </p>
      )}
    </>
  );
}

/** Before the members of the entry: what it comes to. */
function InWords({ one }: { readonly one: ApiChange }) {
  if (isTest(one))
    return (
      <p className="note">
        This is a test of your phone and your passkey. Whatever you answer, nothing is done: a real question
        would stand here, with all that an agent wants to do.
      </p>
    );
  const words = changeInWords(one.act, one.fields);
  return words === null ? null : (
    <p className="lead">
      <Foreign text={words} />
    </p>
  );
}

function endOf(one: ApiChange): string {
  if (one.state === 'dropped') return 'It was dropped; nothing was done.';
  if (one.state !== 'done') return 'Nobody signed it in time; nothing was done.';
  return isTest(one) ? 'Your answer arrived, and is in the log. Nothing else was done.' : 'It is done.';
}
