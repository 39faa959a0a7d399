import { join } from 'node:path';
import { type Problem, problem } from '../base/errors.ts';
import type { Operations } from '../control/operations.ts';
import { readPages } from '../control/pages.ts';
import type { ControlPort } from '../control/port.ts';
import { ROUTES } from '../control/routes.ts';
import { createControlServer } from '../control/server.ts';
import { Sessions } from '../control/sessions.ts';
import type { Person } from '../model/person.ts';
import { splitAddress } from './address.ts';
import type { House } from './house.ts';
import { INSTALLATION } from './installation.ts';
import { closeServer } from './mend.ts';
import type { Surroundings } from './resolve-set.ts';
import { StartFailure } from './start-failure.ts';
import { readTls } from './tls.ts';
import { VERSION } from './version.ts';

/** The people's side of a running instance. */
export interface Control {
  /** What people open in a browser: `publicUrl` where there is one, else `http://localhost:PORT`; null without `control`. */
  readonly url: string | null;
  close(): Promise<void>;
}

/** Opens `control` where the set in force has one. `operations`: what this person can do. */
export async function openControl(
  house: House,
  around: Surroundings,
  operations: (as: Person) => Operations,
): Promise<Control> {
  const { control, publicUrl, tls, behindProxy } = house.resolved().set.configuration;
  if (control === undefined) return { url: null, close: async () => undefined };
  const { host, port } = splitAddress(control);
  const origins: string[] = [];
  const secure = tls === undefined ? undefined : readTls(tls, around.configPath);
  if (secure?.ok === false) throw new StartFailure([`tls: ${secure.error}`]);
  const server = createControlServer({
    port: portOf(house, operations),
    routes: ROUTES,
    origins: () => origins,
    pages: readPages(join(INSTALLATION, 'console', 'dist')),
    ...(secure === undefined ? {} : { tls: secure.value }),
    log: (line) => house.log(line),
  });
  await new Promise<void>((done, fail) => {
    server.once('error', (error) =>
      fail(new StartFailure([`\`control\` ${control} cannot be used: ${error.message}`])),
    );
    server.listen(port, host, done);
  });
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  if (publicUrl !== undefined) origins.push(new URL(publicUrl).origin);
  if (!behindProxy) origins.push(`${tls === undefined ? 'http' : 'https'}://localhost:${taken}`);
  return { url: origins[0] ?? null, close: () => closeServer(server) };
}

function portOf(house: House, operations: (as: Person) => Operations): ControlPort {
  return {
    version: VERSION,
    passkeys: house.passkeys,
    sessions: new Sessions(house.clock),
    person: (id) => house.standing.inForce.people.get(id),
    people: () => [...house.standing.inForce.people.values()],
    operations,
    refuseAgent: (bearer) => refuseAgent(house, bearer),
  };
}

function refuseAgent(house: House, bearer: string): Problem | null {
  if (!house.tokens.looksLikeOurs(bearer)) return null;
  const found = house.tokens.authenticate(bearer, 'control');
  if (!found.ok) return found.error;
  if ('agent' in found.value) house.refusals.count(found.value.agent, 'AGENT_TOKEN');
  else house.refusals.count(null, 'AGENT_TOKEN', found.value.point);
  return problem('AGENT_TOKEN');
}
