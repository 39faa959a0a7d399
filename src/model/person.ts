export const ROLES = ['owner', 'reviewer', 'admin', 'security', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** Somebody who answers for agents, or looks at them. Who is not among the people in force can do nothing. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email?: string;
  readonly roles: readonly Role[];
  /** Has left, or must not act any more: signs in nowhere and answers nothing. */
  readonly disabled?: boolean;
}

/**
 * Whether she can answer for agents now: in force, not disabled, with a role that does. An admin may do all that an owner
 * may, so she can; whose roles name neither has lost what she would need.
 */
export function canOwn(person: Person | undefined): boolean {
  return (
    person !== undefined &&
    person.disabled !== true &&
    (person.roles.includes('owner') || person.roles.includes('admin'))
  );
}
