import type { Budgets, Spending } from '../../src/containment/budgets.ts';
import type { Budget } from '../../src/model/budget.ts';

export const START = Date.parse('2026-11-20T10:00:00.000Z');
export const HOUR = 3_600_000;

export const budgetOf = (more: Partial<Budget> = {}): Budget => ({
  id: 'b',
  measure: 'actions',
  limit: 3,
  per: 'day',
  of: [],
  each: false,
  ...more,
});
let made = 0;
export const spendingOf = (more: Partial<Spending> = {}): Spending => ({
  action: `a${made++}`,
  agent: 'writer',
  token: 't1',
  targets: ['Mail 1'],
  bytes: 10,
  money: new Map(),
  ...more,
});
/** Tries one action; true: it was let through and reserved. */
export function take(budgets: Budgets, of: readonly Budget[], spending: Spending, nowMs: number): boolean {
  if (budgets.check(of, spending, nowMs) !== null) return false;
  budgets.reserve(of, spending, nowMs);
  return true;
}
