import type { Route } from './route.ts';
import { INBOX_ROUTES } from './routes/inbox.ts';
import { INSTANCE_ROUTES } from './routes/instance.ts';
import { openapiRoute } from './routes/openapi.ts';

/** Every route of `control`. Those of one noun stand in one file of routes/, and here as one line. */
export const ROUTES: readonly Route[] = [openapiRoute(() => ROUTES), ...INSTANCE_ROUTES, ...INBOX_ROUTES];
