import type { Attack, AttackClass } from './attack.ts';
import { CLASSES } from './rows/index.ts';

/** docs/formats/attacks.md as it must read, from the rows that are played. */
export function attacksPage(): string {
  const rows = CLASSES.flatMap((one) => one.rows);
  const controls = rows.filter((row) => row.control).length;
  return `# The attack table

${rows.length} rows of what an agent, a server or a web page can try at the doors, what must come of it, and why it fails;
${controls} of them are in order and must pass, so that a gateway that refuses everything does not. Each is played as bytes on
real sockets against a real instance in front of servers that record what reaches them (\`tests/attacks\`, in \`npm test\`).
A row holds only if the answer is the one named here and the servers have seen nothing, or exactly what was decided.
This page is written from the rows.

## Against another gateway

\`npm run attacks -- ./my-gateway.ts\` plays the same rows against any gateway for MCP. The module's default export is
\`(canaryUrl) => Promise<Gateway>\` (\`tests/attacks/attack.ts\`): it starts the gateway in front of the servers at
\`<canaryUrl>/box/mcp\`, \`/vault/mcp\` (all of it forbidden), \`/turncoat/mcp\` and \`/hostile/mcp\`, each served at
\`/mcp/<name>\` and all together at \`/mcp\`, and says where it listens and which bearer tokens its agents have. Statuses and
codes are ours; with \`exact: false\` only what reaches the servers, what an answer must not hold, and the rows in order are
judged. Rows that need a filesystem server, a stdio face, or one of the \`faces\` (the way out, what is for people, the
operator socket, the brake) are left out by name where there is none.
${CLASSES.map(section).join('')}`;
}

function section({ title, rows }: AttackClass): string {
  return `\n## ${title}\n\n| row | what is tried | what must come of it | why |\n|---|---|---|---|\n${rows.map(line).join('')}`;
}

function line({ id, tries, must, why }: Attack): string {
  return `| \`${id}\` | ${[tries, must, why].map(cell).join(' | ')} |\n`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '\\<');
