import { describe, expect, it } from 'vitest';
import { readConfiguration } from './read.ts';

/** What is said of a text: `line: message`, a line each. */
function problemsOf(text: string): string[] {
  const read = readConfiguration(text);
  return read.ok ? [] : read.error.map(({ line, message }) => `${line}: ${message}`);
}

function warningsOf(text: string): string[] {
  const read = readConfiguration(text);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value.warnings.map(({ line, message }) => `${line}: ${message}`);
}

/** Every key of docs/formats/interface.md, "Configuration". */
const EVERY_KEY = `listen: 127.0.0.1:7700
control: 127.0.0.1:7702
brake: 127.0.0.1:7703
publicUrl: https://lanyard.example.org
tls: { cert: "file:cert.pem", key: "file:key.pem" }
egress: 127.0.0.1:7701
state: ./state
people:
  - { id: ada, name: Ada Lovelace, email: ada@example.org, roles: [owner, reviewer, admin, security, auditor] }
  - { id: grace, name: Grace Hopper }
agents:
  - id: writer
    owner: ada
    backup: grace
    contact: mailto:docs@example.org
    purpose: Fixes small bugs in our documentation
    level: live
    teams: [docs]
    limits: { inFlight: 256, attemptsPerMinute: 6000, logBytesPerDay: 2e9 }
    cadence: 7d
points:
  - { id: ci-gate, agents: [writer] }
upstreams:
  files: { command: [node_modules/.bin/mcp-server-filesystem, .], cwd: ./workspace, env: { LOG: "1" }, catalog: filesystem, shared: false }
  wiki:  { url: "http://127.0.0.1:9000/mcp", headers: { Authorization: "env:WIKI_TOKEN" }, may: [elicitation, sampling], revoke: { command: [./revoke-wiki-token] } }
packs: [starter]
policies: [./policies]
catalog: [./catalog]
retention: { bodies: 30d }
witness: ["file:../elsewhere/checkpoints"]
`;

describe('a configuration', () => {
  it('takes every key that the page names', () => {
    const read = readConfiguration(EVERY_KEY);
    expect(read).toMatchObject({
      ok: true,
      value: {
        configuration: { agents: [{ limits: { logBytesPerDay: 2e9 } }], people: [{}, { roles: ['owner'] }] },
      },
    });
  });

  it('warns of a revoke that nothing would prove, with its line', () => {
    expect(warningsOf(EVERY_KEY)).toEqual([
      expect.stringMatching(/^25: `upstreams\.wiki\.revoke` has no `verify`/),
    ]);
    const proved = EVERY_KEY.replace(
      'wiki-token]',
      'wiki-token], verify: { url: "https://wiki.example/me" }',
    );
    expect(warningsOf(proved)).toEqual([]);
  });

  it('takes of a revoke what can be done, and no secret that is written down', () => {
    const said = (revoke: string) =>
      problemsOf(`upstreams:\n  wiki: { url: "https://w.example", revoke: ${revoke} }\n`);
    const where = 'upstreams.wiki.revoke';
    expect(said('true')).toEqual([`2: \`${where}\` must be a mapping`]);
    expect(said('{}')).toEqual([
      `2: \`${where}\` needs either \`command\` (a program) or \`url\`, and not both`,
    ]);
    expect(said('{ comand: [x], url: "https://w.example" }')).toEqual([
      `2: the key \`${where}.comand\` is not known; did you mean \`command\`?`,
    ]);
    expect(said('{ url: "http://w.example" }')).toEqual([
      `2: \`${where}.url\` must be https beyond loopback`,
    ]);
    expect(said('{ command: [x], body: y }')).toEqual([expect.stringContaining('belongs to a `command`')]);
    expect(said('{ command: [x], timeout: 61s }')).toEqual([`2: \`${where}.timeout\` must be at most 60s`]);
    expect(said('{ url: "https://w.example", headers: { X-Key: abc, Content-Type: text/plain } }')).toEqual([
      expect.stringContaining('the header `X-Key` holds a literal value'),
    ]);
    expect(
      said(
        '{ command: [x], verify: { url: "https://w.example", headers: { Authorization: "Bearer abc" } } }',
      ),
    ).toEqual([expect.stringContaining('the header `Authorization` holds a literal value')]);
    expect(said('{ url: "https://w.example", headers: { Authorization: "Bearer env:TOKEN" } }')).toEqual([
      expect.stringContaining('put the word before it into the secret too'),
    ]);
    expect(said('{ command: [x], env: { PASSWORD: hunter2hunter2 } }')).toEqual([
      expect.stringContaining('looks like a secret'),
    ]);
  });

  it('fills in what is left out', () => {
    expect(readConfiguration('{}')).toMatchObject({
      ok: true,
      value: {
        configuration: {
          listen: '127.0.0.1:7700',
          state: './state',
          retention: { bodies: '30d' },
          behindProxy: false,
        },
      },
    });
    expect(
      readConfiguration(
        'people: [{ id: ada, name: Ada }]\nagents: [{ id: a, owner: ada, purpose: Works, limits: { inFlight: 2 } }]',
      ),
    ).toMatchObject({
      ok: true,
      value: {
        configuration: {
          agents: [{ level: 'live', limits: { inFlight: 2, attemptsPerMinute: 6000, logBytesPerDay: 2e9 } }],
        },
      },
    });
  });

  it('tells all problems at once, by line, with the nearest key', () => {
    expect(
      problemsOf(`lisen: 127.0.0.1:1
listen: nowhere
people: [{ id: Ada, name: "", role: [owner] }]
agents:
  - id: writer
    porpose: Works
    level: loose
    limits: { inFlight: 0, logBytesPerDay: much }
upstreams:
  files: { comand: [x], shared: "yes" }
retention: { bodies: a month }
`),
    ).toEqual([
      '1: the key `lisen` is not known; did you mean `listen`?',
      '2: `listen` must be HOST:PORT',
      '3: `people[0].id` must match [a-z][a-z0-9-]{0,31}',
      '3: `people[0].name` must not be empty',
      '3: the key `people[0].role` is not known; did you mean `roles`?',
      '5: `agents[0].owner` is missing',
      '6: the key `agents[0].porpose` is not known; did you mean `purpose`?',
      '7: `agents[0].level` must be one of live, watched, frozen',
      '8: `agents[0].limits.inFlight` must be a whole number above 0',
      '8: `agents[0].limits.logBytesPerDay` must be a number',
      '10: the key `upstreams.files.comand` is not known; did you mean `command`?',
      '10: `upstreams.files.shared` must be true or false',
      '11: `retention.bodies` must be a number and s, m, h or d, such as 30d',
    ]);
  });

  it.each([
    ['[]', '1: the file must be a mapping'],
    ['agents:', '1: `agents` must be a list'],
    ['people: ada', '1: `people` must be a list'],
    ['upstreams: []', '1: `upstreams` must be a mapping'],
    ['state: 5', '1: `state` must be text'],
    ['listen: "[::1]:70000"', '1: `listen` has a port beyond 65535'],
    ['<<: { listen: 1 }', '1: the key `<<` is not known; known here: '],
    ['__proto__: { listen: 1 }', '1: the key `__proto__` is not known; known here: '],
    ['upstreams: { Files: { command: [x] } }', '1: the upstream id `Files` must match [a-z][a-z0-9-]{0,31}'],
    ['upstreams: { a: { } }', '1: `upstreams.a` needs either `command` (a program) or `url`, and not both'],
    [
      'upstreams: { a: { command: [x], url: "http://x" } }',
      '1: `upstreams.a` needs either `command` (a program) or `url`, and not both',
    ],
    ['upstreams: { a: { url: "ftp://x" } }', '1: `upstreams.a.url` must be an http or https address'],
    ['redact: ["("]', '1: `redact[0]` is not a regular expression'],
    [
      'points: [{ id: gate, agents: [wirter] }]',
      '1: the point `gate` speaks for `wirter`, which is no agent here',
    ],
  ])('says of %j: %s', (text, problem) => {
    expect(problemsOf(text).map((found) => found.slice(0, problem.length))).toEqual([problem]);
  });

  it('refuses an id that stands twice, and an owner whom nobody knows', () => {
    expect(
      problemsOf(`people: [{ id: ada, name: Ada }, { id: ada, name: Eve }]
agents:
  - { id: a, owner: adda, purpose: Works }
  - { id: a, owner: ada, backup: nobody-here, purpose: Works }
`),
    ).toEqual([
      '1: a second person has the id `ada`',
      '3: the owner of agent `a`, `adda`, is not among the people; did you mean `ada`?',
      '4: a second agent has the id `a`',
      '4: the backup of agent `a`, `nobody-here`, is not among the people; add them under `people`',
    ]);
  });

  it('keeps the names of the canaries of drills for them: what bears one would be left out of cases and samples', () => {
    expect(
      problemsOf(
        'people: [{ id: ada, name: Ada }]\nagents:\n  - { id: lanyard-drill-a, owner: ada, purpose: x }\nupstreams:\n  lanyard-drill-web: { url: "http://127.0.0.1:1/" }',
      ),
    ).toEqual([
      expect.stringContaining('3: `lanyard-drill-a` begins as the canaries of drills do'),
      expect.stringContaining('5: `lanyard-drill-web` begins as the canaries of drills do'),
    ]);
  });

  it.each([
    ['listen: 0.0.0.0:7700', 1],
    ['listen: lanyard.example.org:7700', 1],
    ['listen: "[::]:7700"', 1],
    ['listen: 128.0.0.1:7700', 1],
    ['listen: localhost:7700', 0],
    ['listen: "[::1]:7700"', 0],
    ['listen: 127.1.2.3:7700', 0],
    ['listen: 0.0.0.0:7700\nbehindProxy: true', 0],
    ['listen: 0.0.0.0:7700\ntls: { cert: "file:c", key: "file:k" }', 0],
  ])('%j: beyond loopback only with TLS or behind a proxy', (text, problems) => {
    expect(problemsOf(text)).toHaveLength(problems);
  });

  it.each([
    'upstreams: { a: { url: "http://x/", headers: { Authorization: Bearer abcdefghijklmnopqrst } } }',
    'upstreams: { a: { url: "http://x/", headers: { X-Anything: short } } }',
    'upstreams: { a: { url: "http://ada:hunter22@x/" } }',
    'upstreams: { a: { url: "http://x/?api_key=abcdefgh" } }',
    'upstreams: { a: { command: [x], env: { API_KEY: abcdefgh } } }',
    `upstreams: { a: { command: [x, --token=ghp_${'a'.repeat(36)}] } }`,
    `agents: [{ id: a, owner: ada, purpose: "sk-${'a'.repeat(40)}" }]\npeople: [{ id: ada, name: Ada }]`,
  ])('refuses a secret that is written down: %s', (text) => {
    const problems = problemsOf(text);
    expect(problems).toEqual([expect.stringMatching(/^1: .*name it as `env:NAME` or `file:PATH` instead$/)]);
    expect(problems[0]).not.toMatch(/abcdefgh|hunter22|short|aaaa/);
  });

  it.each([
    'upstreams: { a: { url: "http://x/", headers: { Authorization: "env:TOKEN", Accept-Language: en } } }',
    'upstreams: { a: { command: [x], env: { API_KEY: "file:key", LOG: "1" } } }',
  ])('takes a secret that is named: %s', (text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  it.each(['', '\n\n', '# listen: 127.0.0.1:7700\n', '---\n', 'null'])(
    'does not take a file that says nothing for one that takes everything away: %j',
    (text) => expect(problemsOf(text)).toEqual([expect.stringMatching(/^1: the file says nothing at all/)]),
  );

  it.each([
    ['listen: [', '1: this is not valid YAML: '],
    ['state: a\nstate: b', '2: this is not valid YAML: Map keys must be unique'],
    ['a: 1\n---\nb: 2', '2: this is not valid YAML: '],
    [
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
        .split('')
        .map((key, i) => `${key}: &${key} [${Array(10).fill(`*${'abcdefg'[i]}`).join(',')}]`)
        .join('\n')}`,
      '1: this YAML cannot be read: ',
    ],
  ])('says of broken or hostile YAML where and what: %#', (text, problem) => {
    expect(problemsOf(text)[0]?.slice(0, problem.length)).toBe(problem);
    expect(problemsOf(text)[0]).not.toMatch(/at line \d/);
  });
});
