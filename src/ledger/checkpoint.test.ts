import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openCheckpoint, signCheckpoint } from './checkpoint.ts';
import { keyIdOf, openNote, parseVerifierKey, type VerifierKey } from './note.ts';
import { createSigner, openSigner } from './signer.ts';

// Published by others: the key and notes of golang.org/x/mod/sumdb/note's tests, and tree heads that the Go checksum
// database signed (transparency-dev/formats, and a `go` command's cache).
const GO_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const GO_PRIVATE = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const GO_TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const ENOCH =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';
const SUMDB_KEY = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';
const SUMDB = `go.sum database tree
6476701
mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=

— sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw=
`;
const SUMDB_WITNESSED = `go.sum database tree
15067302
gJyioq6dwR9n+NjEWORfYmH+ubeYm3kH42BBQ0bTpYI=

— sum.golang.org Az3grp1rvWOs5NKlr/xR4GLN/CDyzzakmt1o61uSxYKpK1SerqOP2ClbX/peKUZjYnyomH5Xz7GZG3TpB7OeKn4E2ww=
— test.example.com qTGhC/xIPQ0AXKHK6Y+9ypRfuvMZWPjRXM8NiOg5M1WREn07VQXyuIXM3NRNav3ieVFLUqDRK77PWDmL6w8w84UqeAw=
`;

function key(line: string): VerifierKey {
  const parsed = parseVerifierKey(line);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const faultOf = (opened: ReturnType<typeof openCheckpoint>) => (opened.ok ? null : opened.error.kind);

describe('against what others have published', () => {
  test('a note of the Go reference tests opens, with and without a stranger beside it', () => {
    expect(openNote(`${GO_TEXT}\n${PETER}`, key(GO_KEY))).toEqual({ ok: true, value: GO_TEXT });
    expect(openNote(`${GO_TEXT}\n${PETER}${ENOCH}`, key(GO_KEY))).toEqual({ ok: true, value: GO_TEXT });
    expect(openNote(`${GO_TEXT}\n${ENOCH}`, key(GO_KEY))).toMatchObject({ error: { kind: 'unsigned' } });
  });

  test('the Go reference private key signs the very same note here', () => {
    const signer = openSigner(GO_PRIVATE);
    if (!signer.ok) throw new Error(signer.error);
    expect(signer.value.verifierKey).toBe(GO_KEY);
    expect(signer.value.signNote(GO_TEXT)).toBe(`${GO_TEXT}\n${PETER}`);
    expect(signer.value.exportText()).toBe(GO_PRIVATE);
  });

  test('tree heads of the Go checksum database open', () => {
    const opened = openCheckpoint(SUMDB, SUMDB_KEY);
    expect(opened).toMatchObject({ ok: true, value: { origin: 'go.sum database tree', size: 6476701 } });
    expect(opened.ok && opened.value.root.toString('base64')).toBe(
      'mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=',
    );
    expect(openCheckpoint(SUMDB_WITNESSED, SUMDB_KEY)).toMatchObject({ ok: true, value: { size: 15067302 } });
    expect(faultOf(openCheckpoint(SUMDB.replace('6476701', '6476702'), SUMDB_KEY))).toBe('forged');
  });

  test('every mangling of a key that the Go tests refuse is refused', () => {
    for (let i = 0; i <= GO_KEY.length; i++) {
      for (let j = i + 1; j <= GO_KEY.length; j++) {
        if (i !== 0 || j !== GO_KEY.length) expect(parseVerifierKey(GO_KEY.slice(i, j)).ok).toBe(false);
      }
      const changed =
        GO_KEY.slice(0, i) + String.fromCharCode(GO_KEY.charCodeAt(i) + 1) + GO_KEY.slice(i + 1);
      if (i < GO_KEY.length) expect(parseVerifierKey(changed).ok).toBe(false);
    }
    for (let i = 0; i < GO_PRIVATE.length; i++) {
      expect(openSigner(GO_PRIVATE.slice(0, i)).ok).toBe(false);
      expect(openSigner(GO_PRIVATE.slice(i + 1)).ok).toBe(false);
    }
    const longer = 'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==';
    const otherAlgorithm = 'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    expect(parseVerifierKey(longer).ok).toBe(false);
    expect(parseVerifierKey(otherAlgorithm).ok).toBe(false);
  });

  test('what the Go tests call a malformed note is malformed', () => {
    const bad = [
      GO_TEXT,
      `${GO_TEXT}\n`,
      `${GO_TEXT}\n${PETER.slice(0, -1)}`,
      `\u0001${GO_TEXT}\n${PETER}`,
      `\ud800${GO_TEXT}\n${PETER}`,
      `${GO_TEXT}\n${PETER.replace('PeterNeumann', 'Bad Name')}`,
      `${GO_TEXT}\n${PETER}Unexpected line.\n`,
      `${GO_TEXT}\n${PETER.repeat(101)}`,
    ];
    for (const note of bad) {
      expect(openNote(note, key(GO_KEY))).toMatchObject({ error: { kind: 'malformed' } });
    }
  });
});

describe('our own checkpoints', () => {
  const signer = createSigner('lanyard.example/main');
  const root = Buffer.alloc(32, 7);
  const note = signCheckpoint(signer, 'lanyard.example/main', 42, root);

  test('come back as they were signed', () => {
    expect(openCheckpoint(note, signer.verifierKey)).toEqual({
      ok: true,
      value: { origin: 'lanyard.example/main', size: 42, root },
    });
    expect(openCheckpoint(signCheckpoint(signer, 'o', 0, root), signer.verifierKey)).toMatchObject({
      value: { size: 0 },
    });
  });

  test('verify with nothing but node:crypto and the text of the standard', () => {
    const [body = '', line = ''] = note.split('\n\n');
    const [, , base64 = ''] = line.trimEnd().split(' ');
    const blob = Buffer.from(base64, 'base64');
    const pub = Buffer.from(signer.verifierKey.split('+').slice(2).join('+'), 'base64').subarray(1);
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), pub]);
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    expect(verify(null, Buffer.from(`${body}\n`), publicKey, blob.subarray(4))).toBe(true);
    expect(blob.toString('hex', 0, 4)).toBe(signer.verifierKey.split('+')[1]);
  });

  test('a private key survives being written down, and is not in the signer as it is printed', () => {
    const again = openSigner(signer.exportText());
    expect(again.ok && again.value.verifierKey).toBe(signer.verifierKey);
    expect(again.ok && signCheckpoint(again.value, 'lanyard.example/main', 42, root)).toBe(note);
    expect(JSON.stringify(signer)).not.toContain(signer.exportText().slice(-20));
  });

  test('another key of the same name is a stranger', () => {
    expect(faultOf(openCheckpoint(note, createSigner('lanyard.example/main').verifierKey))).toBe('unsigned');
  });

  test('no single character of the note can be changed', () => {
    for (let i = 0; i < note.length; i++) {
      const changed = `${note.slice(0, i)}${note[i] === 'A' ? 'B' : 'A'}${note.slice(i + 1)}`;
      expect(openCheckpoint(changed, signer.verifierKey).ok).toBe(false);
    }
  });

  test('a signature that claims our key and fails refuses the note although another one fits', () => {
    const line = note.slice(note.indexOf('— '));
    const id = Buffer.from(signer.verifierKey.split('+')[1] ?? '', 'hex');
    const forged = `— ${signer.name} ${Buffer.concat([id, Buffer.alloc(64)]).toString('base64')}\n`;
    expect(faultOf(openCheckpoint(note + forged, signer.verifierKey))).toBe('forged');
    expect(openCheckpoint(note + line, signer.verifierKey).ok).toBe(true);
  });

  test('a text that is no checkpoint is refused although we signed it', () => {
    const b64 = root.toString('base64');
    const texts = [
      `o\n1\n`,
      `\n1\n${b64}\n`,
      `o\n01\n${b64}\n`,
      `o\n-1\n${b64}\n`,
      `o\n1e3\n${b64}\n`,
      `o\n9007199254740992\n${b64}\n`,
      `o\n1\n${b64.slice(0, -1)}\n`,
      `o\n1\n${Buffer.alloc(31).toString('base64')}\n`,
      `o\n1\n${b64}\n\nx\n`,
      `o\n1\n ${b64}\n`,
      `o\u007f\n1\n${b64}\n`,
    ];
    for (const text of texts) {
      expect(faultOf(openCheckpoint(signer.signNote(text), signer.verifierKey))).toBe('malformed');
    }
    expect(openCheckpoint(signer.signNote(`o\n1\n${b64}\nextension\n`), signer.verifierKey).ok).toBe(true);
  });

  test('hostile notes cost little and are refused', () => {
    for (const hostile of ['', '\n', '\n\n', '\n\n\n', '\n'.repeat(200_000), '— \n'.repeat(50_000)]) {
      expect(faultOf(openCheckpoint(hostile, signer.verifierKey))).toBe('malformed');
    }
  });

  test('names and origins that could not be read back are not signed', () => {
    for (const name of ['', 'a b', 'a+b', 'a\nb', 'a\u2028b', 'a\u0000'])
      expect(() => createSigner(name)).toThrow();
    for (const origin of ['', 'a\nb', '\ud800']) {
      expect(() => signCheckpoint(signer, origin, 1, root)).toThrow(RangeError);
    }
  });

  test('a key whose id was made for another name is refused', () => {
    const [, id, data = ''] = signer.verifierKey.split('+');
    expect(parseVerifierKey(`other+${id}+${data}`).ok).toBe(false);
    expect(keyIdOf('other', Buffer.from(data, 'base64'))).not.toBe(id);
  });
});

test('a cosignature of another kind under our name is another key', () => {
  const signer = createSigner('n');
  const text = `o\n1\n${Buffer.alloc(32).toString('base64')}\n`;
  const other = createSigner('m');
  const note = `${text}\n${other.signNote(text).split('\n\n')[1]?.replace('— m', '— n')}`;
  expect(openNote(note, key(signer.verifierKey))).toMatchObject({ error: { kind: 'unsigned' } });
});
