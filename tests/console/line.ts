import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A way to a place that can fall silent as a network does: nothing is closed or refused, and nothing arrives any more.
 */
export class Line {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #silent = false;
  /** What was sent into the silence. */
  unheard = '';

  private constructor(toPort: number) {
    this.#server = createServer((near) => {
      const heard = () => !this.#silent;
      const far = connect(toPort, '127.0.0.1');
      near.on('data', (bytes) => {
        if (heard()) far.write(bytes);
        else this.unheard += bytes.toString('latin1');
      });
      far.on('data', (bytes) => {
        if (heard()) near.write(bytes);
      });
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          if (heard() || socket === near) for (const end of [near, far]) end.destroy();
        });
      }
    });
  }

  static async to(url: string): Promise<Line> {
    const line = new Line(Number(new URL(url).port));
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  fallSilent(): void {
    this.#silent = true;
  }

  /** New connections are heard again; of those from before the network knows nothing any more. */
  recover(): void {
    this.#silent = false;
    this.#drop();
  }

  close(): void {
    this.#drop();
    this.#server.close();
  }

  #drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
