import { mkdirSync } from 'node:fs';
import type { JsonObject } from '../../base/json.ts';
import type { Listed } from '../../catalog/pins/definition.ts';
import { type Arrived, CanaryServer } from './canary-server.ts';
import type { Ground } from './ground.ts';
import type { CanaryHub } from './hub.ts';
import { canaryHeaderSecret, canarySecret } from './secret-forms.ts';
import { Sibling, type SiblingOptions } from './sibling.ts';

/**
 * An instance whose configuration, rules and answers are known beforehand, whatever a person has configured: here each
 * control is fired by itself. Its agents: `canary` and `other` are live, `busy` and `slow` have small limits,
 * `still` is frozen, `runner` runs a program.
 */
export interface Laboratory {
  readonly sibling: Sibling;
  /** Its servers: one over HTTP, one over stdio. */
  readonly web: CanaryServer;
  readonly pipe: CanaryServer;
  readonly work: string;
  readonly secrets: LaboratorySecrets;
  /** Where its checkpoints are also kept. */
  readonly witness: string;
}

interface LaboratorySecrets {
  readonly header: string;
  readonly variable: string;
  /** In the environment of the instance and named nowhere: no server may find it in its own. */
  readonly poison: string;
}

const RULES = `@id("canary-reads") @need("doctor looks whether an allowed call passes")
permit (principal, action in Action::"risk:read", resource);
@id("canary-drafts") @need("doctor looks whether an allowed call passes")
permit (principal, action in Action::"risk:draft", resource);
@id("canary-never") @reason("doctor's word for never")
forbid (principal, action, resource) when { context.input has text && context.input.text == "forbidden" };
@id("canary-asks") @review("owner") @reason("doctor's word for asking")
forbid (principal, action, resource) when { context.input has text && context.input.text == "held" };
@id("canary-overflows") @reason("Never true; for numbers above 0 it overflows")
forbid (principal, action, resource)
when { context.input has count && context.input.count * 9007199254740992 * 4096 < 0 };
@id("canary-marked") @review("owner") @reason("Read what strangers wrote and what is private")
forbid (principal, action in Action::"effect:send", resource)
when { context.system.marks.contains("untrusted") && context.system.marks.contains("personal") };
`;

const ENTRIES: readonly (readonly [name: string, risk: string, effect: string, more?: string])[] = [
  ['look', 'read', 'read'],
  ['write', 'draft', 'update'],
  ['touch', 'draft', 'update', 'targets: [{ type: Path, id: "{path}" }]'],
  ['merge', 'merge', 'update'],
  ['changing', 'read', 'read'],
  ['news', 'read', 'read', 'source: untrusted'],
  ['diary', 'read', 'read', 'sensitivity: personal'],
  ['send', 'draft', 'send'],
  ['resources/read', 'read', 'read'],
];

/** What is not said of an answer is the dangerous reading; here only some are to mark who reads them. */
function catalogText(): string {
  const lines = ENTRIES.map(([name, risk, effect, more = '']) => {
    const source = more.startsWith('source') ? '' : 'source: trusted, ';
    const sensitivity = more.startsWith('sensitivity') ? '' : 'sensitivity: public, ';
    return `  ${name}: { risk: ${risk}, effect: [${effect}], reversibility: reversible, audience: self, ${source}${sensitivity}worst: None${more === '' ? '' : `, ${more}`} }`;
  });
  return `catalog: canary\noperations:\n${lines.join('\n')}\n`;
}

const text = { type: 'string' };
const tool = (name: string, properties: JsonObject, required: readonly string[]): JsonObject => ({
  name,
  description: `The canary's ${name}`,
  inputSchema: { type: 'object', properties, required: [...required] },
});

export const LABORATORY_OFFER: Listed = {
  server: { name: 'canary', version: '1' },
  tools: [
    tool('look', { text }, []),
    tool('write', { text, count: { type: 'integer' }, more: { type: 'object' } }, ['text']),
    tool('touch', { path: text }, ['path']),
    tool('merge', { text }, ['text']),
    tool('changing', { text }, []),
    tool('news', {}, []),
    tool('diary', {}, []),
    tool('send', { text }, []),
  ],
  prompts: [],
  resources: [{ uri: 'canary://one', name: 'one' }],
  resourceTemplates: [],
};

interface LaboratoryOptions extends Pick<SiblingOptions, 'name' | 'wrapper' | 'state'> {
  /** Whether it also has the server over stdio. */
  readonly pipe: boolean;
  /** More of its configuration. */
  readonly more?: JsonObject;
}

/** Writes the configuration and puts the canaries up; `sibling.start()` is the caller's. */
export function buildLaboratory(ground: Ground, hub: CanaryHub, options: LaboratoryOptions): Laboratory {
  const { name } = options;
  const work = ground.path('work');
  mkdirSync(work, { recursive: true });
  const secrets = { header: canaryHeaderSecret(), variable: canarySecret(), poison: canarySecret() };
  const offers = new Map([
    ['2026', LABORATORY_OFFER],
    ['2025', LABORATORY_OFFER],
  ] as const);
  const web = hub.add(`${name}-web`, new CanaryServer('web', offers));
  const pipe = hub.add(`${name}-pipe`, new CanaryServer('pipe', offers));
  const witness = ground.path(`${name}.notes`);
  const upstreams = {
    web: { url: hub.url(`${name}-web`), headers: { Authorization: 'env:CANARY_HEADER' }, catalog: 'canary' },
    ...(options.pipe
      ? {
          pipe: {
            command: [ground.canaryCommand(`${name}-pipe`)],
            cwd: work,
            env: { CANARY_SECRET: 'env:CANARY_VARIABLE' },
            catalog: 'canary',
          },
        }
      : {}),
  };
  const configuration = {
    listen: '127.0.0.1:0',
    state: `./${options.state ?? 'state'}`,
    people: [{ id: 'doctor', name: 'doctor', roles: ['owner', 'admin'] }],
    agents: [
      { id: 'canary', owner: 'doctor', purpose: 'Tries what may pass' },
      { id: 'other', owner: 'doctor', purpose: 'Tries what is not its own' },
      { id: 'still', owner: 'doctor', purpose: 'May do nothing', level: 'frozen' },
      { id: 'busy', owner: 'doctor', purpose: 'Tries too much', limits: { attemptsPerMinute: 4 } },
      { id: 'runner', owner: 'doctor', purpose: 'Runs a program' },
      { id: 'slow', owner: 'doctor', purpose: 'Tries two at once', limits: { inFlight: 1 } },
    ],
    upstreams,
    policies: ['rules.cedar'],
    catalog: ['catalog.yaml'],
    witness: [`file:${witness}`],
    ...options.more,
  };
  ground.write(`${name}/lanyard.yaml`, `${JSON.stringify(configuration, null, 1)}\n`);
  ground.write(`${name}/rules.cedar`, RULES);
  ground.write(`${name}/catalog.yaml`, catalogText());
  const environment = {
    CANARY_HEADER: `Bearer ${secrets.header}`,
    CANARY_VARIABLE: secrets.variable,
    CANARY_POISON: secrets.poison,
    // What would open a debugger, or load code, in an instance that let it through.
    NODE_OPTIONS: `--require=${ground.path('intruder.cjs')}`,
  };
  return { sibling: new Sibling(ground, { ...options, environment }), web, pipe, work, secrets, witness };
}

/** Arrivals at a canary while `work` runs. */
export async function arrivalsDuring<T>(
  server: CanaryServer,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly arrived: readonly Arrived[] }> {
  const before = server.arrived.length;
  const value = await work();
  return { value, arrived: server.arrived.slice(before) };
}
