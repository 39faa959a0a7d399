import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { alerts, cases, type Alert as OpenAlert } from '../../api/queries.ts';
import { signed } from '../../api/sign.ts';
import { Ago } from '../../look/ago.tsx';
import { Badge, Level } from '../../look/badges.tsx';
import { DoingFault, useActs, useDoing } from '../../look/do.tsx';
import { Foreign } from '../../look/foreign.tsx';
import { Icon } from '../../look/icons.tsx';
import { Loaded } from '../../look/loaded.tsx';
import { Card, Page } from '../../look/page.tsx';
import '../approval/approval.css';

/** Where the link in a message about an alert leads: what it is, where to look into it, and that somebody has seen it. */
export function Alert() {
  const { id } = useParams({ from: '/inside/alerts/$id' });
  return (
    <Page title="An alert" about="It goes on until somebody has seen it.">
      <Loaded query={useQuery(alerts)}>
        {({ alerts: open }) => {
          const alert = open.find((one) => one.id === id);
          return alert === undefined ? <Over /> : <Open alert={alert} />;
        }}
      </Loaded>
    </Page>
  );
}

function Over() {
  return (
    <p className="note">
      Nothing is left of it: somebody has seen it, or what it was about is over. What it left to do stands
      under <Link to="/duties">Duties</Link>.
    </p>
  );
}

function Open({ alert }: { readonly alert: OpenAlert }) {
  const { agent, scope, opened } = alert;
  const about = agent === undefined ? scope : `agent:${agent}`;
  return (
    <>
      <Card
        title={alert.says ?? 'Something needs to be looked at.'}
        aside={alert.page === true ? <Badge tone="stop">page</Badge> : null}
      >
        <div className="body">
          <dl className="facts">
            {about === undefined ? null : (
              <>
                <dt>About</dt>
                <dd>
                  {agent === undefined ? (
                    <Foreign text={about} />
                  ) : (
                    <Link to="/agents/$id" params={{ id: agent }}>
                      {agent}
                    </Link>
                  )}
                </dd>
              </>
            )}
            {opened === undefined ? null : (
              <>
                <dt>Since</dt>
                <dd>
                  <Ago at={opened} />
                </dd>
              </>
            )}
          </dl>
        </div>
      </Card>
      {about === undefined ? null : <Cases about={about} />}
      {alert.subject === 'recovery' ? (
        <p className="note stop">
          A passkey is taken away under <Link to="/people">People</Link>; what was frozen is released under{' '}
          <Link to="/agents">Agents</Link>.
        </p>
      ) : null}
      <Seen id={alert.id} />
    </>
  );
}

/** The open cases about the same, with why each was stopped: a page about a stop can be understood here. */
function Cases({ about }: { readonly about: string }) {
  const { data = [] } = useQuery(cases);
  const open = data.filter(({ scope, closed }) => closed === null && scope === about);
  if (open.length === 0) return null;
  return (
    <Card title="Why, and what was done before">
      <ul className="feed">
        {open.map((one) => (
          <li key={one.case}>
            <Link to="/cases/$id" params={{ id: one.case }}>
              The case of <Foreign text={one.scope} />
            </Link>
            <Level level={one.level} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Seen({ id }: { readonly id: string }) {
  const queries = useQueryClient();
  const acts = useActs();
  const { busy, error, run } = useDoing();
  if (!acts) return <p className="note">It waits for somebody who may say so. An auditor reads this.</p>;
  const seen = () =>
    run(async () => {
      await signed('/v1/acknowledge', { id });
      await queries.invalidateQueries();
    });
  return (
    <section className="verdict" aria-label="Your answer">
      <DoingFault error={error} />
      <div className="row">
        <button type="button" className="main" disabled={busy} onClick={seen}>
          <Icon name="key" /> I have seen it
        </button>
      </div>
    </section>
  );
}
