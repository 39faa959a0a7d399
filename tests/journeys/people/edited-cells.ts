import { DatabaseSync } from 'node:sqlite';

/**
 * Edits a state as another program of the same user could while nothing runs: a passkey and an invitation of bob become
 * ones of ada, a token lasts for ever, and a passkey is there that nobody enrolled. Answers which token and which passkey.
 */
export function editCells(path: string): { readonly token: string; readonly lent: string } {
  const db = new DatabaseSync(path);
  const { key: lent } = db
    .prepare('SELECT key FROM cells WHERE kind = \'passkey\' AND value LIKE \'%"person":"bob"%\'')
    .get() as { key: string };
  // A passkey of bob becomes one of ada, and an invitation of bob one of ada, the keys and codes as they were.
  for (const [kind, was] of [
    ['passkey', '"person":"bob"'],
    ['invitation', '"subject":"bob"'],
  ] as const)
    db.prepare('UPDATE cells SET value = replace(value, ?, ?) WHERE kind = ?').run(
      was,
      was.replace('bob', 'ada'),
      kind,
    );
  const cell = db.prepare("SELECT key, value FROM cells WHERE kind = 'token' LIMIT 1").get() as {
    key: string;
    value: string;
  };
  const longer = JSON.stringify({ ...(JSON.parse(cell.value) as object), expiresAtMs: 9e15 });
  db.prepare("UPDATE cells SET value = ? WHERE kind = 'token' AND key = ?").run(longer, cell.key);
  db.prepare("INSERT INTO cells (kind, key, value) VALUES ('passkey', 'bWluZQ', ?)").run(
    JSON.stringify({
      credential: 'bWluZQ',
      person: 'ada',
      publicKey: '',
      cose: '',
      rpId: 'localhost',
      origin: '',
      via: 'code',
      enrolled: '',
    }),
  );
  db.close();
  return { token: cell.key, lent };
}
