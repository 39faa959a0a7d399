/**
 * Whether people get to this instance's `control` by that address, as a phone would: with a certificate that is trusted
 * without being told so. A sentence of what is wrong, or null. `origin`: of the log, which its checkpoint names.
 */
export async function reachControl(publicUrl: string, origin: string): Promise<string | null> {
  const place = `${publicUrl.replace(/\/+$/, '')}/log/checkpoint`;
  let note: string;
  try {
    const response = await fetch(place, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MS) });
    note = await response.text();
    if (response.status === 403)
      return `${publicUrl} answers, and refuses that name: is it the \`publicUrl\` that is in force?`;
    if (!response.ok) return `${publicUrl} answers ${response.status}, so it is no \`control\` of Lanyard.`;
  } catch (error) {
    return `${publicUrl} cannot be reached from here: ${whyOf(error)}.`;
  }
  if (note.split('\n')[0] === origin) return null;
  return `${publicUrl} answers, and is another instance.`;
}

const PATIENCE_MS = 10_000;

/** What the runtime says lies one deeper. */
function whyOf(error: unknown): string {
  const { cause, name } = error as { readonly cause?: { readonly code?: string }; readonly name?: string };
  const code = cause?.code ?? name ?? 'it failed';
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code))
    return `its certificate is not trusted (${code}), and a phone would not trust it either`;
  return code;
}
