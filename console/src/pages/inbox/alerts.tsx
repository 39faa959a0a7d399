import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Alert, alerts as alertsQuery } from '../../api/queries.ts';
import { signed } from '../../api/sign.ts';
import { Ago } from '../../look/ago.tsx';
import { Badge } from '../../look/badges.tsx';
import { DoingFault, useActs, useDoing } from '../../look/do.tsx';
import { Card } from '../../look/page.tsx';
import '../now/now.css';

/** What goes on until somebody has looked, and what reached nobody. */
export function Alerts() {
  const { data } = useQuery(alertsQuery);
  const { busy, error, run } = useDoing();
  const queries = useQueryClient();
  const { alerts = [], undelivered = [] } = data ?? {};
  if (alerts.length === 0 && undelivered.length === 0) return null;
  const seen = (id: string) =>
    run(async () => {
      await signed('/v1/acknowledge', { id });
      await queries.invalidateQueries();
    });
  return (
    <Card title="Alerts" aside={<span className="soft small">{alerts.length + undelivered.length}</span>}>
      <DoingFault error={error} />
      <ul className="feed">
        {alerts.map((alert) => (
          <Line key={alert.id} alert={alert} busy={busy} onSeen={() => seen(alert.id)} />
        ))}
        {undelivered.map(({ lane, person, channel, count, code }) => (
          <li key={lane} className="told">
            <span>
              {count} messages did not reach {person} by {channel} ({code})
            </span>
            <Seen busy={busy} onSeen={() => seen(lane)} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Seen({ busy, onSeen }: { readonly busy: boolean; onSeen(): void }) {
  if (!useActs()) return null;
  return (
    <button type="button" disabled={busy} onClick={onSeen}>
      I have seen it
    </button>
  );
}

function Line({ alert, busy, onSeen }: { readonly alert: Alert; readonly busy: boolean; onSeen(): void }) {
  return (
    <li className="told">
      <span>
        {alert.page === true ? <Badge tone="stop">page</Badge> : null}{' '}
        <Link to="/alerts/$id" params={{ id: alert.id }}>
          {alert.says ?? 'Something needs to be looked at.'}
        </Link>
      </span>
      <Seen busy={busy} onSeen={onSeen} />
      <span className="soft small">
        {alert.agent ?? alert.scope ?? ''} {alert.opened === undefined ? '' : <Ago at={alert.opened} />}
      </span>
    </li>
  );
}
