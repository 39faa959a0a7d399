import { METHODS, type MethodRow } from '../../src/intake/methods.ts';

/** docs/formats/methods.md as it must read, from the list that the code uses. */
export function methodsPage(): string {
  return `# What becomes of each MCP method

Every method and every notification of the protocol versions 2026-07-28 (column 2026) and 2025-11-25 and 2025-06-18
(column 2025), in each direction. What is not on this list is unknown and refused. This page is written from
src/intake/methods.ts.

- **decided**: an action. It goes through the whole corridor.
- **listed**: answered from the pins, less what the agent could never have.
- **answered**: handled by Lanyard itself; it goes no further.
- **forwarded**: passed to the other side under Lanyard's own ids and tokens.
- **refused**: known, and not let through: a request is answered with METHOD_REFUSED, a notification is dropped.
- –: the generation does not have it; a request is answered with UNKNOWN_METHOD.

${section('Requests of agents', 'client', 'request')}
${section('Notifications of agents', 'client', 'notification')}
${section('Requests of upstreams', 'server', 'request')}
${section('Notifications of upstreams', 'server', 'notification')}`;
}

function section(title: string, from: MethodRow['from'], kind: MethodRow['kind']): string {
  const rows = METHODS.filter((row) => row.from === from && row.kind === kind).map(
    (row) => `| \`${row.method}\` | ${row['2026'] ?? '–'} | ${row['2025'] ?? '–'} | ${row.why} |\n`,
  );
  return `## ${title}\n\n| method | 2026 | 2025 | why |\n|---|---|---|---|\n${rows.join('')}`;
}
