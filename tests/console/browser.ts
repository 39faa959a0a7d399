import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { describe } from 'vitest';

/** Debian's. .ci/run installs it. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));

/** A group of tests that needs it: where it is absent, skipped by name. */
export const inChromium = CHROMIUM === undefined ? describe.skip : describe;

export const SIZES = {
  phone: { width: 360, height: 760 },
  desktop: { width: 1280, height: 860 },
} as const;

/** Against what hangs, as the limit of a test is: Playwright's own 30 s are too few for a loaded machine. */
const PATIENCE_MS = 100_000;

export async function launch(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('there is no Chromium on this machine');
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  browser.on('context', (context) => context.setDefaultTimeout(PATIENCE_MS));
  return browser;
}

/** Its router has loaded and shown what the address names. */
const ARRIVED = `(({ state }) =>
  state.status === 'idle' &&
  state.location.pathname === location.pathname &&
  state.resolvedLocation?.href === state.location.href)(globalThis.__TSR_ROUTER__)`;

/** To another page of the console as a link would, the session kept; resolves when that page stands in place of the last. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate(
    `history.pushState({}, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate'))`,
  );
  while (!(await page.evaluate<boolean>(ARRIVED))) await page.waitForTimeout(20);
}

export interface Authenticator {
  /** Everything it holds, so that another page's authenticator can hold the same. */
  credentials(): Promise<readonly object[]>;
  hold(credential: object): Promise<void>;
  /** Whether the person at it is who she says: false, and it refuses. */
  verified(is: boolean): Promise<void>;
  /** Taken away from the page. */
  unplug(): Promise<void>;
}

/** A platform authenticator of this page, by the browser's own protocol (CDP WebAuthn). */
export async function authenticatorOf(context: BrowserContext, page: Page): Promise<Authenticator> {
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    async credentials() {
      return (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
    },
    async hold(credential) {
      await session.send('WebAuthn.addCredential', {
        authenticatorId,
        credential: credential as Parameters<typeof session.send<'WebAuthn.addCredential'>>[1] extends
          | { credential: infer C }
          | undefined
          ? C
          : never,
      });
    },
    async verified(is) {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: is });
    },
    async unplug() {
      await session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
    },
  };
}

/** A passkey that nobody enrolled, as good as any for the mock. */
export function somePasskey(): object {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    credentialId: randomBytes(16).toString('base64'),
    isResidentCredential: true,
    rpId: 'localhost',
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    userHandle: Buffer.from('ada').toString('base64'),
    signCount: 0,
  };
}
