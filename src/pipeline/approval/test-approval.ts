import type { OperatorAct } from '../operate.ts';

/**
 * A yes to a test question: it is about no action, discharges nothing and executes nothing. That this person's passkey
 * answered from where she is, and that the log can prove it, is all that it says.
 */
export function answerTest(approval: string, person: string): OperatorAct<'approve'> {
  return {
    name: 'test-approval',
    about: { only: person, person },
    fields: { approval, test: true, subject: person, answer: 'approve' },
    cells: [],
    apply: () => 'approve',
  };
}
