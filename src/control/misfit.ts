interface Misfit {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What does not fit a shape, for a person: the first place, and what is wrong there. Repeats no value. */
export function misfitOf(error: { readonly issues: readonly Misfit[] }): string {
  const [issue] = error.issues;
  return issue === undefined
    ? 'it has another shape'
    : `${issue.path.join('.') || 'the body'}: ${issue.message}`;
}
