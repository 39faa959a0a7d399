import { join } from 'node:path';
import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { StopDesk } from '../../control/brake/stop-desk.ts';
import type { Operations } from '../../control/operations.ts';
import { readPages } from '../../control/pages.ts';
import type { ControlPort, OpenReads } from '../../control/port.ts';
import type { Reads } from '../../control/reads.ts';
import { ROUTES } from '../../control/routes.ts';
import { createControlServer } from '../../control/server.ts';
import { splitAddress } from '../address.ts';
import { closeServer } from '../close-server.ts';
import type { Configuration } from '../configuration/shape.ts';
import type { Foundation } from '../foundation.ts';
import type { Surroundings } from '../in-force/resolve-set.ts';
import { INSTALLATION } from '../installation.ts';
import { StartFailure } from '../start-failure.ts';
import { cannotListen } from '../taken-addresses.ts';
import { readTls } from '../tls.ts';
import { VERSION } from '../version.ts';
import { originsOf } from './control-place.ts';
import { createPersonDesk, type Operate } from './desks.ts';
import type { PeopleDesk } from './people.ts';

/** The people's side of a running instance. */
export interface Control {
  /** What people open in a browser: `publicUrl` where there is one, else `http://localhost:PORT`; null without `control`. */
  readonly url: string | null;
  close(): Promise<void>;
}

/** What `control` stands on: a running house, or one that waits to be mended. */
interface ControlGround {
  readonly foundation: Foundation;
  readonly people: PeopleDesk;
  readonly configuration: Pick<Configuration, 'control' | 'publicUrl' | 'tls' | 'behindProxy'>;
  /** An agent's token was tried here. */
  refused(agent: string | null, code: string, point?: string): void;
  operations(operate: Operate): Operations;
  /** What the console reads; null where nothing runs. */
  readonly reads: Reads | null;
  /** The same for what is shown without a sign-in. */
  readonly open: OpenReads | null;
  mailInvitation: ControlPort['mailInvitation'];
  /** What the page at /stop stands on; null where nothing runs. */
  readonly stopDesk: StopDesk | null;
  /** The topic that saved pages send to; null without one. */
  stopTopic(): string | null;
}

/** Opens `control` where the set in force has one. */
export async function openControl(ground: ControlGround, around: Surroundings): Promise<Control> {
  const { control, publicUrl, tls, behindProxy } = ground.configuration;
  if (control === undefined) return { url: null, close: async () => undefined };
  const { host, port } = splitAddress(control);
  const origins: string[] = [];
  const secure = tls === undefined ? undefined : readTls(tls, around);
  if (secure?.ok === false) throw new StartFailure([`tls: ${secure.error}`]);
  const server = createControlServer({
    port: portOf(ground),
    routes: ROUTES,
    origins: () => origins,
    pages: readPages(join(INSTALLATION, 'console', 'dist')),
    ...(secure === undefined ? {} : { tls: secure.value }),
    log: (line) => ground.foundation.log(line),
  });
  await new Promise<void>((done, fail) => {
    server.once('error', (error) => fail(cannotListen('control', control, error)));
    server.listen({ port, host, backlog: LIMITS.listenBacklog }, done);
  });
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  origins.push(...originsOf({ control: `${host}:${taken}`, publicUrl, tls, behindProxy }));
  return { url: origins[0] ?? null, close: () => closeServer(server) };
}

function portOf(given: ControlGround): ControlPort {
  const { foundation, people, operations, refused, reads, open, mailInvitation, stopDesk, stopTopic } = given;
  const { ground, changes, passkeys, tickets } = foundation;
  return {
    version: VERSION,
    passkeys,
    tickets,
    sessions: people.sessions,
    ceremonies: people.ceremonies,
    changes,
    enrolment: people.enrolment,
    reads,
    open,
    mailInvitation,
    stopDesk,
    stopKeys: foundation.stopKeys,
    stopCodes: foundation.stopCodes,
    stopTopic,
    nowMs: () => foundation.clock.now(),
    person: people.person,
    people: people.all,
    signedIn: people.signedIn,
    operations: (as, onWaiting) => operations(createPersonDesk(ground, changes, as, onWaiting)),
    unconfirmed: () => operations(foundation.operate).unconfirmed(),
    refuseAgent: (bearer) => refuseAgent(foundation, bearer, refused),
  };
}

function refuseAgent(
  { tokens }: Foundation,
  bearer: string,
  refused: ControlGround['refused'],
): Problem | null {
  if (!tokens.looksLikeOurs(bearer)) return null;
  const found = tokens.authenticate(bearer, 'control');
  if (!found.ok) return found.error;
  if ('agent' in found.value) refused(found.value.agent, 'AGENT_TOKEN');
  else refused(null, 'AGENT_TOKEN', found.value.point);
  return problem('AGENT_TOKEN');
}
