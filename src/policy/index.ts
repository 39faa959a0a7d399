/**
 * policy: rules in Cedar, read, checked, compiled and held to the official engine; who may do what is answered here.
 * Pure: no files, no clock, no network.
 */
export { checkAhead } from './ahead.ts';
export { type AskedPermit, askedPermitText } from './asked-permit.ts';
export { engineVersion, forgetEngine } from './cedar.ts';
export type { Condition } from './condition.ts';
export { answersGiven, answersSoFar, keepAnswers, readAnswers } from './engine-answers.ts';
export { exceptionText, lastException, withException } from './exception.ts';
export type {
  ExplainedClause,
  ExplainedRule,
  ExplainedTarget,
  Explanation,
} from './explain.ts';
export { renderExplanation } from './explanation-text.ts';
export { type GoldenGround, type GoldenResult, runGolden } from './golden.ts';
export { type GoldenCase, readGolden } from './golden-file.ts';
export type { Outlook, RuleOutlook } from './listable.ts';
export { checkPolicies, type LoadOptions, loadPolicies, syntaxProblems } from './load.ts';
export { type NarrowPermit, narrowPermit, type Widening } from './narrow-permit.ts';
export { createOracle, type Oracle, type OracleAnswer } from './oracle.ts';
export type { ChangeStep, NearMisses, NearRule, OutcomeChange } from './outcome-change.ts';
export type { PolicySet, RuleInfo } from './policy-set.ts';
export { type PolicyFile, type PolicyProblem, renderProblem } from './problem.ts';
export type { PolicyRequest, SystemFacts } from './request.ts';
export { type RuleText, ruleTexts } from './rule-text.ts';
export { CATALOG_GROUPS, EFFECT_GROUPS, RISK_GROUPS } from './schema.ts';
export {
  PLAIN_TARGET,
  type TargetType,
  type World,
  type WorldOperation,
  type WorldUpstream,
} from './world.ts';
