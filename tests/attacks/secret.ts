/** What the gateway is given to prove itself to the canary with, as the header X-Key; `leak` tells it. */
export const SECRET = 'canary-key-4f1c9a7e2b';
