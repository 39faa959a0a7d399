import { expect, it } from 'vitest';
import { COMMANDS } from './commands.ts';
import { commandHelp, OPTION_HELP } from './option-help.ts';

it('explains every option of every command, and what each takes', () => {
  for (const command of COMMANDS) {
    const told = commandHelp(command);
    for (const [name, type] of Object.entries(command.options ?? {})) {
      expect([name, OPTION_HELP[name]?.value !== undefined]).toEqual([name, type === 'string']);
      expect(told).toMatch(new RegExp(`^  --${name}\\b.*  \\S`, 'm'));
    }
  }
});

it('explains no option that there is not', () => {
  const known = new Set(['config', 'help', ...COMMANDS.flatMap(({ options }) => Object.keys(options ?? {}))]);
  expect(Object.keys(OPTION_HELP).filter((name) => !known.has(name))).toEqual([]);
});
