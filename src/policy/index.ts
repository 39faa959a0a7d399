/**
 * policy: rules in Cedar, read, checked, compiled and held to the official engine; who may do what is answered here.
 * Pure: no files, no clock, no network.
 */

export { type AskedPermit, askedPermitText } from './drafts/asked-permit.ts';
export { exceptionText, lastException, withException } from './drafts/exception.ts';
export { type NarrowPermit, narrowPermit, type Widening } from './drafts/narrow-permit.ts';
export { checkAhead } from './engine/ahead.ts';
export { engineVersion, forgetEngine } from './engine/cedar.ts';
export { answersGiven, answersSoFar, keepAnswers, readAnswers } from './engine/engine-answers.ts';
export { createOracle, type Oracle, type OracleAnswer } from './engine/oracle.ts';
export type { Condition } from './explain/condition.ts';
export type {
  ExplainedClause,
  ExplainedRule,
  ExplainedTarget,
  Explanation,
} from './explain/explain.ts';
export { renderExplanation } from './explain/explanation-text.ts';
export type { ChangeStep, NearMisses, NearRule, OutcomeChange } from './explain/outcome-change.ts';
export { type GoldenGround, type GoldenResult, runGolden } from './golden.ts';
export { type GoldenCase, readGolden } from './golden-file.ts';
export type { Outlook, RuleOutlook } from './listable.ts';
export { checkPolicies, loadPolicies, syntaxProblems } from './load.ts';
export type { PolicySet, RuleInfo } from './policy-set.ts';
export { type PolicyFile, type PolicyProblem, renderProblem } from './problem.ts';
export type { OnMisfit } from './read-rules.ts';
export type { PolicyRequest, SystemFacts } from './request.ts';
export { CATALOG_GROUPS, EFFECT_GROUPS, RISK_GROUPS } from './schema/schema.ts';
export { type RuleText, ruleTexts } from './text/rule-text.ts';
export {
  PLAIN_TARGET,
  type TargetType,
  type World,
  type WorldOperation,
  type WorldUpstream,
} from './world.ts';
