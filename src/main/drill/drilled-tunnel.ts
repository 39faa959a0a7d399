import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Gesture, Prop } from './prop.ts';
import { type DrilledThing, round, until } from './thing.ts';

/** Where the tunnels of a drill lead: it counts what arrives, in lines that say their number. */
export class TunnelCanary {
  readonly #server = createServer((socket) => this.#take(socket));
  readonly #sockets = new Set<Socket>();
  /** When each line arrived, on the clock that only goes on. */
  readonly arrivedMs = new Map<number, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Its address as CONNECT and rules name it. */
  get authority(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get isOpen(): boolean {
    return this.#sockets.size > 0;
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    let rest = '';
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.arrivedMs.set(Number(line), this.#now());
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

/** A tunnel through the way out, in which a line leaves every few milliseconds until it is cut. */
export class DrilledTunnel implements Prop {
  readonly what = 'an open tunnel';
  readonly #proxy: number;
  readonly #token: string;
  readonly #canary: TunnelCanary;
  readonly #now: () => number;
  readonly #beganMs: number[] = [];
  #socket: Socket | null = null;

  constructor(proxy: number, token: string, canary: TunnelCanary, now: () => number) {
    this.#proxy = proxy;
    this.#token = token;
    this.#canary = canary;
    this.#now = now;
  }

  async raise(): Promise<Result<void, string>> {
    const { socket, status } = await this.#connect();
    this.#socket = socket;
    if (status !== 200) return err(`the way out answered ${status}`);
    void this.#write(socket);
    const flows = await until(this.#now, LIMITS.drillStartMs, () => this.#canary.arrivedMs.size >= 2);
    return flows ? ok(undefined) : err('nothing came through it');
  }

  async see({ atMs, returnedMs }: Gesture): Promise<DrilledThing> {
    const isCut = () => this.#socket?.destroyed === true && !this.#canary.isOpen;
    const wasCut = await until(this.#now, LIMITS.drillEndMs, isCut);
    const arrived = [...this.#canary.arrivedMs];
    const isLate = arrived.some(([number]) => (this.#beganMs[number] ?? 0) > returnedMs);
    const { socket, status } = await this.#connect();
    socket.destroy();
    const lastMs = Math.max(atMs, ...arrived.map(([, ms]) => ms));
    return {
      kind: 'tunnel',
      name: 'the way out',
      ms: wasCut ? round(lastMs - atMs) : null,
      held: wasCut && !isLate && status !== 200,
    };
  }

  goesOn(): null {
    return null;
  }

  async end(): Promise<void> {
    this.#socket?.destroy();
  }

  async #write(socket: Socket): Promise<void> {
    for (let number = 0; !socket.destroyed && number < LIMITS.drillTunnelLines; number++) {
      this.#beganMs.push(this.#now());
      socket.write(`${number}\n`);
      await pause(LIMITS.drillPulseMs);
    }
  }

  /** One CONNECT; the status is 0 where the proxy hung up. */
  async #connect(): Promise<{ socket: Socket; status: number }> {
    const { authority } = this.#canary;
    const socket = connect(this.#proxy, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    socket.write(
      `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nProxy-Authorization: Bearer ${this.#token}\r\n\r\n`,
    );
    const head = await new Promise<string>((resolve) => {
      socket.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1')));
      socket.once('close', () => resolve(''));
    });
    return { socket, status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0) };
  }
}
