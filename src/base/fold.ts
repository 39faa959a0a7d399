/**
 * A name without its case and its Unicode form: for comparing names where taking two for one is the side to err on, because
 * some file systems, services and people see no difference between them.
 */
export function fold(name: string): string {
  return ASCII.test(name) ? name.toLowerCase() : name.normalize('NFC').toLowerCase().normalize('NFC');
}

const ASCII = /^[\0-\x7f]*$/;
