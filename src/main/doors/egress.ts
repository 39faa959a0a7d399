import { createIds } from '../../base/ids.ts';
import { LIMITS } from '../../base/limits.ts';
import { type ConnectDoor, createConnectDoor } from '../../doors/egress/index.ts';
import { Tunnels } from '../../pipeline/action/tunnels.ts';
import { splitAddress } from '../address.ts';
import { closeServer } from '../close-server.ts';
import type { House } from '../house.ts';
import { cannotListen } from '../taken-addresses.ts';

/** The way out: the proxy at `egress`, and the same door for programs under `run`, whether or not the first is there. */
interface Egress {
  readonly door: ConnectDoor;
  listen(): Promise<void>;
  drain(): Promise<void>;
}

export function openEgress(house: House): Egress {
  const door = createConnectDoor({
    corridor: house.corridor,
    tunnels: new Tunnels(house.halt, house.standing, house.tokens),
    ids: createIds(house.clock),
    clock: house.clock,
    log: (line) => house.log(line),
  });
  const { egress } = house.resolved().set.configuration;
  let isListening = false;
  return {
    door,
    async listen() {
      if (egress === undefined) return;
      const { host, port } = splitAddress(egress);
      await new Promise<void>((done, fail) => {
        door.server.once('error', (error) => fail(cannotListen('egress', egress, error)));
        door.server.listen({ port, host, backlog: LIMITS.listenBacklog }, done);
      });
      isListening = true;
      house.log(`the way out is at http://${egress} (CONNECT only); what passes inside a tunnel is not seen`);
    },
    async drain() {
      await door.drain();
      if (!isListening) return;
      door.server.closeAllConnections();
      await closeServer(door.server);
    },
  };
}
