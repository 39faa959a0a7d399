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
