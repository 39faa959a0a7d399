import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { changes, unconfirmed } from '../../api/queries.ts';
import { signed } from '../../api/sign.ts';
import { Ago, Until } from '../../look/ago.tsx';
import { DoingFault, useActs, useDoing } from '../../look/do.tsx';
import { Foreign } from '../../look/foreign.tsx';
import { Icon } from '../../look/icons.tsx';
import { Card } from '../../look/page.tsx';
import '../now/now.css';

/** What waits for a signature. */
export function Changes() {
  const waiting = useQuery(changes).data ?? [];
  if (waiting.length === 0) return null;
  return (
    <Card title="Changes that wait for a signature">
      <ul className="feed">
        {waiting.map((one) => (
          <li key={one.id}>
            <Link to="/confirm/$id" params={{ id: one.id }}>
              {one.act === 'test-approval' ? 'a test question' : one.act}, asked by {one.asked}
            </Link>
            <Until at={one.expires} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** What was done before anybody could sign: each is confirmed or undone before anything runs again. */
export function Unconfirmed() {
  const acts = useQuery(unconfirmed).data ?? [];
  const mayAct = useActs();
  const queries = useQueryClient();
  const { busy, error, run } = useDoing();
  if (acts.length === 0) return null;
  const confirm = () =>
    run(async () => {
      await signed('/v1/unconfirmed/confirm', { entries: acts.map(({ seq }) => seq) });
      await queries.invalidateQueries();
    });
  return (
    <Card title="Done while nobody could sign">
      <ul className="feed">
        {acts.map(({ seq, at, says }) => (
          <li key={seq}>
            <Foreign text={says} />
            <span className="soft small">
              <Ago at={at} />
            </span>
          </li>
        ))}
      </ul>
      <div className="body stack">
        <p>
          Any program of this user could have done these. Confirm them if they were yours; undo the others
          first.
        </p>
        <DoingFault error={error} />
        {mayAct ? (
          <p>
            <button type="button" className="main" disabled={busy} onClick={confirm}>
              <Icon name="key" /> Confirm all {acts.length}
            </button>
          </p>
        ) : null}
      </div>
    </Card>
  );
}
