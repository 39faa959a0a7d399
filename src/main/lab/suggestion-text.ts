import { MINUTE_MS } from '../../base/duration.ts';
import { withoutInvisible } from '../../base/invisible.ts';
import { LIMITS } from '../../base/limits.ts';
import type { OperationEntry } from '../../catalog/entry.ts';
import type { NarrowPermit } from '../../policy/index.ts';
import type { Suggestion } from './suggest.ts';

/** What a suggested rule is named by while it is tried; it is written nowhere. */
export const SUGGESTED_FILE = 'suggested.cedar';

/** One denied action, as a reason to write a rule. */
export interface Evidence {
  readonly action: string;
  readonly at: string;
  readonly operation: string;
  /** Whether its session had read what strangers wrote. */
  readonly untrusted: boolean;
}

interface PermitParts {
  readonly id: string;
  readonly agent: string;
  readonly operation: string;
  readonly permit: NarrowPermit;
  readonly evidence: readonly Evidence[];
  readonly entry: OperationEntry | undefined;
}

/** One rule, with what speaks for it and against it as comments. */
export function permitText({ id, agent, operation, permit, evidence, entry }: PermitParts): string {
  const count = evidence.length;
  const [first = '', last = ''] = [evidence[0]?.at, evidence.at(-1)?.at];
  const times = count === 1 ? 'once' : `${count} times`;
  const when = count === 1 ? `at ${first}` : `from ${first} to ${last}`;
  const condition = permit.condition === undefined ? '' : `\nwhen {\n  ${permit.condition}\n}`;
  return [
    '',
    comment(`${operation}: denied ${times}, ${when}`),
    ...listed(evidence.map(({ action }) => action)),
    comment(`  worst case: ${worstOf(entry)}`),
    ...warnings(evidence, entry, first, last).map((line) => comment(`  CAREFUL: ${line}`)),
    ...permit.widened.map((line) => comment(`  wider than what was asked for: ${line}`)),
    `@id("${id}")`,
    `@need("Suggested because ${agent} was denied this ${times}; say here why it needs it")`,
    `permit (principal == Agent::"${agent}", action == Action::"${operation}", ${permit.resource})${condition};`,
    '',
  ].join('\n');
}

function worstOf(entry: OperationEntry | undefined): string {
  if (entry === undefined) return 'not known: no catalog says what it can do';
  const { worst, risk, effect, reversibility, audience } = entry;
  return `${worst} (${risk}; ${effect.join(', ')}; ${reversibility}; audience ${audience})`;
}

const GRAVE = ['send', 'spend', 'execute', 'configure', 'delete'];
const BURST_MS = MINUTE_MS;

/** An agent that wants more need only try: what would make a person look twice. */
function warnings(
  evidence: readonly Evidence[],
  entry: OperationEntry | undefined,
  first: string,
  last: string,
): string[] {
  const found: string[] = [];
  const untrusted = evidence.filter((each) => each.untrusted).length;
  if (untrusted > 0)
    found.push(
      `${untrusted} of ${evidence.length} came from a session that had read what strangers wrote, who may have asked for it`,
    );
  if (evidence.length >= 3 && Date.parse(last) - Date.parse(first) < BURST_MS)
    found.push('all of them within a minute, as somebody tries who wants to be let through');
  const grave = entry?.effect.filter((effect) => GRAVE.includes(effect)) ?? [];
  if (grave.length > 0) found.push(`it can ${grave.join(', ')}`);
  if (entry?.reversibility === 'irreversible') found.push('what it does cannot be taken back');
  return found;
}

/** The whole as a file of rules. */
export function renderSuggestion(
  { agent, since, rules, obstacles, left }: Omit<Suggestion, 'text'>,
  denied: number,
): string {
  const lines = [
    comment(
      `Suggested for ${agent} from ${denied} denied actions since ${since}. Nothing of this is in force.`,
    ),
    comment(
      'What was denied was chosen by the agent: whoever wants more need only try. Read each rule as if the agent',
    ),
    comment(
      'had written it. To take one: put it into a file of your policies, ./lanyard policy check, ./lanyard apply.',
    ),
  ];
  if (obstacles.length > 0)
    lines.push(
      '',
      comment('Forbids stand in the way. A forbid wins over every permit, and none of these is touched:'),
    );
  for (const { rule, file, line, review, operations, actions } of obstacles) {
    const does = review === undefined ? 'denies' : `asks ${review}`;
    lines.push(comment(`- ${rule} (${file}:${line}) ${does}: ${operations.join(', ')}`), ...listed(actions));
  }
  if (left.length > 0) lines.push('', comment('No rule is suggested for these:'));
  for (const { why, actions } of left) lines.push(comment(`- ${why}`), ...listed(actions));
  if (rules.length === 0) lines.push('', comment('There is no permit to suggest.'));
  for (const { text, passes, actions } of rules) {
    const tried = passes === actions.length ? 'all of them' : `${passes} of ${actions.length}`;
    const rest = passes === actions.length ? '' : '; the others meet a forbid named above';
    lines.push(text.trimEnd(), comment(`tried: with this rule ${tried} would have passed${rest}`));
  }
  return `${lines.join('\n')}\n`;
}

function listed(actions: readonly string[]): string[] {
  const shown = actions.slice(0, LIMITS.suggestedEvidence);
  const rest = actions.length > shown.length ? ` and ${actions.length - shown.length} more` : '';
  return [comment(`  actions ${shown.join(', ')}${rest}`)];
}

/** One line whatever stands in it: a comment that ended early would be a rule. */
function comment(text: string): string {
  return `// ${withoutInvisible(text)}`.trimEnd();
}
