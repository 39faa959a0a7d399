import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { send } from '../api/ask.ts';
import { followLive } from '../api/live.ts';
import { me, overview } from '../api/queries.ts';
import { keepSession } from '../api/session.ts';
import { Icon, type IconName, Mark } from './icons.tsx';
import { Strip } from './strip.tsx';
import { useTheme } from './theme.ts';

const PLACES = [
  ['/', 'Now', 'now'],
  ['/inbox', 'Inbox', 'inbox'],
  ['/agents', 'Agents', 'agents'],
  ['/actions', 'Actions', 'actions'],
  ['/rules', 'Rules', 'rules'],
  ['/inventory', 'Inventory', 'inventory'],
  ['/log', 'Log', 'log'],
  ['/duties', 'Duties', 'duties'],
  ['/drills', 'Drills', 'drills'],
  ['/people', 'People', 'agents'],
] as const satisfies readonly (readonly [string, string, IconName])[];

function Places({
  places,
  count,
}: {
  readonly places: readonly (typeof PLACES)[number][];
  readonly count: number;
}) {
  return places.map(([to, name, icon]) => (
    <li key={to}>
      <Link to={to} activeOptions={{ exact: to === '/' }} activeProps={{ 'aria-current': 'page' }}>
        <Icon name={icon} />
        <span>{name}</span>
        {to === '/inbox' && count > 0 ? (
          <span className="count">
            {count}
            <span className="only-heard"> waiting</span>
          </span>
        ) : null}
      </Link>
    </li>
  ));
}

function ThemeButton() {
  const [theme, turn] = useTheme();
  return (
    <button type="button" className="bare" onClick={turn}>
      <Icon name={theme === 'dark' ? 'sun' : 'moon'} /> {theme === 'dark' ? 'Light' : 'Dark'}
    </button>
  );
}

async function signOut(): Promise<void> {
  // The instance is told to forget the session if it can be reached; this tab forgets it in any case.
  const told = send('/v1/sign-out', {}).catch(() => undefined);
  keepSession(null);
  await told;
}

function SignOut() {
  return (
    <button type="button" className="bare" onClick={() => void signOut()}>
      <Icon name="out" /> Sign out
    </button>
  );
}

function Side({ count }: { readonly count: number }) {
  const { data } = useQuery(me);
  return (
    <div className="side">
      <Link to="/" className="brand">
        <Mark /> Lanyard
      </Link>
      <nav aria-label="Pages">
        <ul>
          <Places places={PLACES} count={count} />
        </ul>
      </nav>
      <div className="foot">
        {data === undefined ? null : (
          <p className="small soft">
            {data.name}
            <br />
            {data.roles.join(', ')}
          </p>
        )}
        <div className="row wrap">
          <ThemeButton />
          <SignOut />
        </div>
      </div>
    </div>
  );
}

function Tabs({ count }: { readonly count: number }) {
  const more = useRef<HTMLDetailsElement>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when the page changes
  useEffect(() => more.current?.removeAttribute('open'), [path]);
  return (
    <nav className="tabs" aria-label="Pages, in short">
      <ul>
        <Places places={PLACES.slice(0, 4)} count={count} />
        <li>
          <details ref={more}>
            <summary>
              <Icon name="more" />
              More
            </summary>
            <ul>
              <Places places={PLACES.slice(4)} count={count} />
              <li>
                <ThemeButton />
              </li>
              <li>
                <SignOut />
              </li>
            </ul>
          </details>
        </li>
      </ul>
    </nav>
  );
}

export function Shell() {
  const queries = useQueryClient();
  useEffect(() => followLive(queries), [queries]);
  const count = useQuery(overview).data?.waiting.mine ?? 0;
  return (
    <div className="shell">
      <a className="skip" href="#content">
        To the content
      </a>
      <Side count={count} />
      <div className="main">
        <Strip />
        <main id="content" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <Tabs count={count} />
    </div>
  );
}
