import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  Outlet,
  type SearchSchemaInput,
  useRouter,
} from '@tanstack/react-router';
import { useEffect } from 'react';
import type { ActionSearch } from './api/queries.ts';
import { useSignedIn } from './api/session.ts';
import { Shell } from './look/shell.tsx';
import { Inbox } from './pages/inbox/inbox.tsx';
import { fetchAhead, page } from './pages/lazy.ts';
import { Now } from './pages/now/now.tsx';
import { SignIn } from './pages/sign-in/sign-in.tsx';

function Missing() {
  return (
    <div className="page">
      <h1>There is nothing here</h1>
      <p>
        This address is none of the console's. <a href="/">Back to Now</a>
      </p>
    </div>
  );
}

/** What broke stands in the place of its page alone; trying again keeps whoever is signed in. */
function Broken({ error, reset }: ErrorComponentProps) {
  const again = useRouter();
  return (
    <div className="page">
      <h1>This page is not here now</h1>
      <p className="note stop" role="alert">
        {error instanceof Error ? error.message : String(error)}
      </p>
      <p className="row">
        <button type="button" className="main" onClick={() => void again.invalidate().then(reset)}>
          Try again
        </button>
      </p>
    </div>
  );
}

const root = createRootRoute({ component: Outlet, notFoundComponent: Missing });

/** Whoever is not signed in sees the sign-in page at whatever address, and then the address. */
function Inside() {
  const signedIn = useSignedIn();
  useEffect(() => (signedIn ? fetchAhead() : undefined), [signedIn]);
  return signedIn ? <Shell /> : <SignIn />;
}
const inside = createRoute({ getParentRoute: () => root, id: 'inside', component: Inside });

const now = createRoute({ getParentRoute: () => inside, path: '/', component: Now });
const inbox = createRoute({ getParentRoute: () => inside, path: '/inbox', component: Inbox });
const approval = createRoute({
  getParentRoute: () => inside,
  path: '/approvals/$id',
  component: lazyRouteComponent(
    page(() => import('./pages/approval/approval.tsx')),
    'Approval',
  ),
});
const appeal = createRoute({
  getParentRoute: () => inside,
  path: '/appeals/$id',
  component: lazyRouteComponent(
    page(() => import('./pages/appeal/appeal.tsx')),
    'Appeal',
  ),
});
const alert = createRoute({
  getParentRoute: () => inside,
  path: '/alerts/$id',
  component: lazyRouteComponent(
    page(() => import('./pages/alert/alert.tsx')),
    'Alert',
  ),
});
const stopped = createRoute({
  getParentRoute: () => inside,
  path: '/cases/$id',
  component: lazyRouteComponent(
    page(() => import('./pages/case/case.tsx')),
    'Case',
  ),
});
const word = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const batch = createRoute({
  getParentRoute: () => inside,
  path: '/batch',
  validateSearch: (search: { of?: string | undefined } & SearchSchemaInput): { of?: string | undefined } => ({
    of: word(search.of),
  }),
  component: lazyRouteComponent(
    page(() => import('./pages/batch/batch.tsx')),
    'Batch',
  ),
});
const agents = createRoute({
  getParentRoute: () => inside,
  path: '/agents',
  component: lazyRouteComponent(
    page(() => import('./pages/agents/agents.tsx')),
    'Agents',
  ),
});
const agent = createRoute({
  getParentRoute: () => inside,
  path: '/agents/$id',
  component: lazyRouteComponent(
    page(() => import('./pages/agents/agent.tsx')),
    'OneAgent',
  ),
});
const actions = createRoute({
  getParentRoute: () => inside,
  path: '/actions',
  validateSearch: (search: ActionSearch & SearchSchemaInput): ActionSearch => ({
    agent: word(search.agent),
    session: word(search.session),
    fate: word(search.fate),
    text: word(search.text),
  }),
  component: lazyRouteComponent(
    page(() => import('./pages/actions/actions.tsx')),
    'Actions',
  ),
});
const action = createRoute({
  getParentRoute: () => inside,
  path: '/actions/$id',
  component: lazyRouteComponent(
    page(() => import('./pages/actions/action.tsx')),
    'OneAction',
  ),
});
const rules = createRoute({
  getParentRoute: () => inside,
  path: '/rules',
  component: lazyRouteComponent(
    page(() => import('./pages/rules/rules.tsx')),
    'Rules',
  ),
});
const inventory = createRoute({
  getParentRoute: () => inside,
  path: '/inventory',
  component: lazyRouteComponent(
    page(() => import('./pages/inventory/inventory.tsx')),
    'Inventory',
  ),
});
const log = createRoute({
  getParentRoute: () => inside,
  path: '/log',
  component: lazyRouteComponent(
    page(() => import('./pages/log/log.tsx')),
    'Log',
  ),
});
const drills = createRoute({
  getParentRoute: () => inside,
  path: '/drills',
  component: lazyRouteComponent(
    page(() => import('./pages/drills/drills.tsx')),
    'Drills',
  ),
});
const duties = createRoute({
  getParentRoute: () => inside,
  path: '/duties',
  component: lazyRouteComponent(
    page(() => import('./pages/duties/duties.tsx')),
    'Duties',
  ),
});
const confirm = createRoute({
  getParentRoute: () => inside,
  path: '/confirm/$id',
  component: lazyRouteComponent(
    page(() => import('./pages/confirm/confirm.tsx')),
    'Confirm',
  ),
});
const people = createRoute({
  getParentRoute: () => inside,
  path: '/people',
  component: lazyRouteComponent(
    page(() => import('./pages/people/people.tsx')),
    'People',
  ),
});
const phone = createRoute({
  getParentRoute: () => inside,
  path: '/phone',
  component: lazyRouteComponent(
    page(() => import('./pages/phone/phone.tsx')),
    'Phone',
  ),
});
const enrol = createRoute({
  getParentRoute: () => root,
  path: '/enrol',
  component: lazyRouteComponent(
    page(() => import('./pages/enrol/enrol.tsx')),
    'Enrol',
  ),
});

const tree = root.addChildren([
  inside.addChildren([
    now,
    inbox,
    approval,
    appeal,
    alert,
    stopped,
    batch,
    agents,
    agent,
    actions,
    action,
    rules,
    inventory,
    log,
    duties,
    drills,
    people,
    phone,
    confirm,
  ]),
  enrol,
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
