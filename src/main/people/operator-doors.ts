import type { Server } from 'node:http';
import { listenOnSocket, serveOperations, socketPlace } from '../../control/socket.ts';
import { closeServer } from '../close-server.ts';
import { openReads } from '../console/open-reads.ts';
import { createReads } from '../console/reads.ts';
import type { Doors } from '../doors/doors.ts';
import type { House } from '../house.ts';
import type { Surroundings } from '../in-force/resolve-set.ts';
import { createOperations, type Shared, sharedBy } from '../operations.ts';
import type { StateDirectory } from '../state-directory.ts';
import type { Outside } from '../stop/outside.ts';
import { recallFirstWords } from '../stop/releasing.ts';
import type { Notifying } from '../watching/notifying.ts';
import { type Control, openControl } from './control.ts';
import type { Operate } from './desks.ts';
import { mailInvitation } from './invitations.ts';
import { openPeople, type PeopleDesk } from './people.ts';

/** What is there before operators come in. */
interface Ground {
  readonly house: House;
  readonly around: Surroundings;
  readonly notifying: Notifying;
  readonly outside: Outside;
  readonly doors: Doors;
  /** Where agents come in; empty until those doors listen. */
  url(): string;
}

/** Where operators come in: the socket and `control`, which stand on one table of operations. */
export class OperatorDoors {
  readonly #ground: Ground;
  readonly #people: PeopleDesk;
  readonly #shared: Shared;
  readonly #socket: Server;
  #control: Control | undefined;

  private constructor(ground: Ground) {
    const { house, doors } = ground;
    this.#ground = ground;
    this.#people = openPeople(house, () => [...house.standing.inForce.people.values()]);
    const hasControl = house.resolved().set.configuration.control !== undefined;
    this.#shared = sharedBy(hasControl ? this.#people : null, () => this.url);
    this.#socket = serveOperations({
      operations: (onWaiting) => this.operations(house.socketDesk(onWaiting)),
      placeOf: () => this.url,
      log: (line) => house.log(line),
    });
    this.#socket.on('upgrade', (request, connection) => doors.runs.take(request, connection));
  }

  /** Nothing listens yet. */
  static async over(ground: Ground): Promise<OperatorDoors> {
    const opened = new OperatorDoors(ground);
    await recallFirstWords(ground.house);
    return opened;
  }

  /** Where people sign in; null without `control`, and until it is open. */
  get url(): string | null {
    return this.#control?.url ?? null;
  }

  operations(operate: Operate): ReturnType<typeof createOperations> {
    const { house, around, notifying, url } = this.#ground;
    return createOperations({ ...house, operate }, around, notifying, url, this.#shared);
  }

  async listenOnSocket({ socket, socketName }: StateDirectory): Promise<void> {
    const runtime = this.#ground.around.environment['XDG_RUNTIME_DIR'];
    await listenOnSocket(this.#socket, socketPlace(socket, socketName, runtime));
  }

  async openControl(): Promise<void> {
    const { house, around, notifying, outside } = this.#ground;
    this.#control = await openControl(
      {
        foundation: house,
        people: this.#people,
        configuration: house.resolved().set.configuration,
        refused: (agent, code, point) => house.refusals.count(agent, code, point),
        operations: (operate) => this.operations(operate),
        stopDesk: outside.desk,
        stopTopic: () => house.resolved().stopChannel?.url ?? null,
        reads: createReads(house, around, this.operations(house.operate)),
        open: openReads(house, () => notifying.undelivered().length),
        mailInvitation: (person, link) => mailInvitation(house, person, link),
      },
      around,
    );
    house.electorate.url = this.#control.url;
  }

  async closeControl(): Promise<void> {
    await this.#control?.close();
  }

  closeSocket(): Promise<void> {
    return closeServer(this.#socket);
  }
}
