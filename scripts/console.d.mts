export function buildConsole(): boolean;
