import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../../../src/cli/instance.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';
import { freePort, PersonAtBrowser } from '../people-ground.ts';

type Changed = Readonly<Record<string, string>>;

/** An instance with `brake` and `control`, claimed by Ada, whose key stops. */
export class OutsideGround {
  readonly ground = new OperatorGround();
  brake = 0;
  control = 0;
  key = '';
  ada!: PersonAtBrowser;
  running!: Running;

  static async open(given: Changed | ((ground: OperatorGround) => Changed) = {}): Promise<OutsideGround> {
    const self = new OutsideGround();
    [self.brake, self.control] = [await freePort(), await freePort()];
    const changed = typeof given === 'function' ? given(self.ground) : given;
    self.ground.write('lanyard.yaml', self.configuration(changed));
    await self.up();
    self.ada = new PersonAtBrowser(`http://localhost:${self.control}`);
    const { code } = (await ask(self.ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as {
      code: string;
    };
    await self.ada.enrol(code);
    await self.ada.signIn();
    await self.ada.settle();
    const made = await self.ada.post('/v1/stop-keys');
    if (made.status !== 200) throw new Error(JSON.stringify(made.body));
    self.key = made.body.key;
    return self;
  }

  configuration(changed: Readonly<Record<string, string>> = {}): string {
    return this.ground.configuration({
      people:
        'people: [{ id: ada, name: Ada, roles: [admin, owner] }, { id: eve, name: Eve, roles: [auditor] }]',
      control: `control: 127.0.0.1:${this.control}`,
      brake: `brake: 127.0.0.1:${this.brake}`,
      ...changed,
    });
  }

  async up(): Promise<void> {
    this.running = await this.ground.up();
    await this.running.url();
  }

  /** POST /stop as a program does. */
  stop(
    body: object,
    key = this.key,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    return this.send('/stop', JSON.stringify(body), {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      ...headers,
    });
  }

  async send(path: string, body: string, headers: Readonly<Record<string, string>>) {
    const response = await fetch(`http://127.0.0.1:${this.brake}${path}`, { method: 'POST', headers, body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Files of stops that are not in the log yet. */
  kept(): string[] {
    const stops = join(this.ground.state, 'outside');
    return existsSync(stops) ? readdirSync(stops).filter((name) => name !== 'spare') : [];
  }

  /** Signs the release of everything; answers the status. */
  async release(scope = 'all'): Promise<number> {
    await this.ada.signIn();
    return (await this.ada.do('/v1/release', { scope, why: 'looked at it' })).status;
  }
}
