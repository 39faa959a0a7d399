import type { Route } from './route.ts';
import { ACTION_ROUTES } from './routes/actions.ts';
import { AGENT_ROUTES } from './routes/agents.ts';
import { APPEAL_ROUTES } from './routes/appeals.ts';
import { APPROVAL_ROUTES } from './routes/approvals.ts';
import { BATCH_ROUTES } from './routes/batch.ts';
import { CASE_ROUTES } from './routes/cases.ts';
import { CHANGE_ROUTES } from './routes/changes.ts';
import { ENROL_ROUTES } from './routes/enrol.ts';
import { GRANT_ROUTES } from './routes/grants.ts';
import { INBOX_ROUTES } from './routes/inbox.ts';
import { INSTANCE_ROUTES } from './routes/instance.ts';
import { LEASE_ROUTES } from './routes/leases.ts';
import { LOG_ROUTES } from './routes/log.ts';
import { OPEN_ROUTES } from './routes/open.ts';
import { openapiRoute } from './routes/openapi.ts';
import { OPERATE_ROUTES } from './routes/operate.ts';
import { OVERVIEW_ROUTES } from './routes/overview.ts';
import { PEOPLE_ROUTES } from './routes/people.ts';
import { RULE_ROUTES } from './routes/rules.ts';
import { SESSION_ROUTES } from './routes/sessions.ts';
import { SIGN_IN_ROUTES } from './routes/sign-in.ts';
import { STOP_KEY_ROUTES } from './routes/stop-keys.ts';

/** Every route of `control`. Those of one noun stand in one file of routes/, and here as one line. */
export const ROUTES: readonly Route[] = [
  openapiRoute(() => ROUTES),
  ...INSTANCE_ROUTES,
  ...SIGN_IN_ROUTES,
  ...SESSION_ROUTES,
  ...ENROL_ROUTES,
  ...PEOPLE_ROUTES,
  ...CHANGE_ROUTES,
  ...OPERATE_ROUTES,
  ...STOP_KEY_ROUTES,
  ...APPROVAL_ROUTES,
  ...BATCH_ROUTES,
  ...GRANT_ROUTES,
  ...APPEAL_ROUTES,
  ...CASE_ROUTES,
  ...INBOX_ROUTES,
  ...OVERVIEW_ROUTES,
  ...AGENT_ROUTES,
  ...LEASE_ROUTES,
  ...ACTION_ROUTES,
  ...RULE_ROUTES,
  ...LOG_ROUTES,
  ...OPEN_ROUTES,
];
