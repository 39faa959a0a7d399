import type { Passkeys } from '../../pipeline/credentials/passkeys.ts';
import { splitAddress } from '../address.ts';
import type { Configuration } from '../configuration/shape.ts';

type Place = Pick<Configuration, 'control' | 'publicUrl' | 'tls' | 'behindProxy'>;

/** What people's browsers call `control`: `publicUrl`, and on this machine `localhost`. Empty without `control`. */
export function originsOf({ control, publicUrl, tls, behindProxy }: Place): string[] {
  if (control === undefined) return [];
  const elsewhere = publicUrl === undefined ? [] : [new URL(publicUrl).origin];
  const here = `${tls === undefined ? 'http' : 'https'}://localhost:${splitAddress(control).port}`;
  return behindProxy && elsewhere.length > 0 ? elsewhere : [...elsewhere, here];
}

/** Why nobody could sign anything under this configuration: then it is not taken, since nothing could take it back. */
export function whyNobodyCouldSign(
  configuration: Place & Pick<Configuration, 'people'>,
  passkeys: Passkeys,
): string | null {
  const places = new Set(originsOf(configuration).map((origin) => new URL(origin).hostname));
  if (places.size === 0)
    return 'Without `control` nobody could sign anything any more, so this is not applied.';
  const admins = configuration.people.filter(
    ({ roles, disabled }) => roles.includes('admin') && disabled !== true,
  );
  const able = admins.some(({ id }) => passkeys.of(id).some(({ rpId }) => places.has(rpId)));
  return able
    ? null
    : `No admin of this configuration has a passkey for ${[...places].join(' or ')}, so nobody could sign anything any more, and it is not applied.`;
}
