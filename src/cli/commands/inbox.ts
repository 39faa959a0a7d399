import type { JsonObject } from '../../base/json.ts';
import { linesOf, objectOf, rowsOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printLine, table } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `inbox`: what waits for people, pages first, and who could not be reached. */
export async function run(args: Arguments): Promise<ExitCode> {
  const inbox = objectOf(await ask(configPath(args), 'GET /v1/inbox'));
  if (flag(args, 'json')) {
    print(inbox);
    return EXIT.done;
  }
  const [approvals, alerts, undelivered, appeals] = [
    inbox['approvals'],
    inbox['alerts'],
    inbox['undelivered'],
    inbox['appeals'],
  ].map(rowsOf);
  const unreached = linesOf(inbox, 'unreached');
  const nothing = [approvals, alerts, undelivered, appeals].every((rows) => rows?.length === 0);
  if (nothing) printLine('Nothing waits.');
  for (const alert of alerts ?? []) {
    printLine(`${alert['page'] === true ? 'PAGE ' : ''}${String(alert['says'] ?? 'An alert.')}`);
    const { agent, scope } = alert;
    const what = agent !== undefined ? `, agent ${String(agent)}` : scope === undefined ? '' : `, ${scope}`;
    printLine(`  since ${String(alert['opened'])}${what}; ${toldOf(alert)}`);
    printLine(`  ./lanyard acknowledge ${String(alert['id'])}`);
  }
  if (approvals !== undefined && approvals.length > 0)
    table(
      ['APPROVAL', 'AGENT', 'OPERATION', 'FOR', 'UNTIL', 'TOLD'],
      approvals.map((row) => [
        row['id'],
        row['agent'],
        row['operation'],
        row['people'],
        row['expires'],
        toldOf(row),
      ]),
    );
  if (appeals !== undefined && appeals.length > 0)
    table(
      ['APPEAL', 'AGENT', 'WHAT', 'FOR', 'SINCE', 'TOLD'],
      appeals.map((row) => [
        row['id'],
        row['agent'],
        row['subject'],
        row['people'],
        row['opened'],
        toldOf(row),
      ]),
    );
  for (const letter of undelivered ?? []) {
    printLine(
      `${String(letter['count'])} undelivered to ${String(letter['person'])} by ${String(letter['channel'])}: ${String(letter['code'])}, last ${String(letter['at'])}`,
    );
    printLine(`  ./lanyard acknowledge ${String(letter['lane'])}`);
  }
  if (unreached.length > 0)
    printLine(`Without any channel (notify.people): ${unreached.join(', ')}. They see what waits only here.`);
  return EXIT.done;
}

function toldOf(row: JsonObject): string {
  const told = rowsOf(row['told']);
  if (told.length === 0) return 'nobody was told yet';
  return `told ${told.map((one) => `${String(one['lane'])}${one['undelivered'] === true ? ' (undelivered)' : ''}`).join(', ')}`;
}
