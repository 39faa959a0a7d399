import { type Problem, problem } from '../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject, setKey } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type Attempt, operationOf, type Target, type TargetRef } from '../../model/action.ts';
import { NO_TARGET_TYPE, type OperationEntry, type ParentTemplate, type TargetTemplate } from '../entry.ts';
import { type FileView, remember } from '../files.ts';
import { type Beginning, beginningsIn, beginsWith, normalBeginning } from './beginning.ts';
import { leadsElsewhere } from './elsewhere.ts';
import { resolveMail } from './mail.ts';
import { fileUriOf, pathTarget, resolvePath } from './path.ts';
import { resolveOrg, resolveRepo } from './repo.ts';
import { type AloneType, isAlone } from './target-type.ts';
import { type Reference, referencesOf, showReference, type Template } from './template.ts';
import { resolveUrl } from './url.ts';

/** Where an upstream works. */
export interface UpstreamPlace {
  readonly upstream: string;
  /** The directories it serves (`rootsOf`), absolute and real; relative paths start from the first. */
  readonly roots: readonly string[];
  /** Absolute and real; relative paths start here where there are no roots. */
  readonly cwd: string;
}

export interface ResolvedTargets {
  /** At least one, each once. */
  readonly targets: readonly Target[];
  /** What is sent in place of what arrived: every Path, Url, Repo and MailAddress in its normal form. */
  readonly arguments: JsonObject;
}

/** Where a value stands among the arguments. */
type Location = readonly (string | number)[];
type Occurrence = { readonly at: Location };

/**
 * What an attempt would be done to, and the arguments with which it would then be done. What cannot be told is denied:
 * TARGET_UNKNOWN for an absent, empty or wrongly typed argument and for what a normaliser refuses, TOO_MANY_TARGETS.
 * The entry undefined (unclassified) or without targets gives `Target::"<upstream>"`, and so does one whose targets
 * are all optional and all left out.
 *
 * The arguments returned, resolved again, give the same targets and themselves: that is checked here, every time.
 */
export function resolveTargets(
  entry: OperationEntry | undefined,
  attempt: Attempt,
  place: UpstreamPlace,
  files: FileView,
): Result<ResolvedTargets, Problem> {
  if (!derivesTargets(entry))
    return ok({ targets: [simpleTarget(NO_TARGET_TYPE, place.upstream)], arguments: attempt.arguments });
  const view = remember(files);
  const reading = new Reading(attempt, attempt.arguments, place, view);
  const first = reading.run(entry.targets);
  if (!first.ok) return first;
  if (first.value.arguments === attempt.arguments) return reading.astray ?? first;
  const again = new Reading(attempt, first.value.arguments, place, view);
  const second = again.run(entry.targets);
  if (!second.ok) return second;
  if (second.value.arguments === first.value.arguments) return again.astray ?? second;
  return err(unknown(attempt, 'an argument has no stable normal form'));
}

/** Whether an operation's targets come of its arguments. */
export function derivesTargets(entry: OperationEntry | undefined): entry is OperationEntry {
  return entry !== undefined && entry.targets.length > 0;
}

const unknown = (attempt: Attempt, what: string): Problem =>
  problem('TARGET_UNKNOWN', { operation: operationOf(attempt), what });

function simpleTarget(type: string, id: string, ancestors: readonly TargetRef[] = []): Target {
  return { type, id, ancestors, attributes: { id } };
}

/** One reading of the arguments. `#sent` is `#given` itself until something has to be written differently. */
class Reading {
  readonly #attempt: Attempt;
  readonly #given: JsonObject;
  readonly #place: UpstreamPlace;
  readonly #files: FileView;
  #beginnings: readonly Beginning[] = [];
  #astray: string | null = null;
  #sent: JsonObject;

  constructor(attempt: Attempt, given: JsonObject, place: UpstreamPlace, files: FileView) {
    this.#attempt = attempt;
    this.#given = given;
    this.#place = place;
    this.#files = files;
    this.#sent = given;
  }

  /** A denial, where an id as it is sent leads elsewhere; what stands for a path as well is rewritten before that. */
  get astray(): Result<never, Problem> | null {
    if (this.#astray === null) return null;
    const what = `${this.#astray} holds a step to another place (\`..\`); name the place itself`;
    return err(unknown(this.#attempt, what));
  }

  run(templates: readonly TargetTemplate[]): Result<ResolvedTargets, Problem> {
    const targets = new Map<string, Target>();
    this.#beginnings = beginningsIn(templates);
    let count = 0;
    for (const template of templates) {
      if (template.optional === true && this.#isAbsent(template)) continue;
      const occurrences = this.#occurrences(template);
      if (!occurrences.ok) return err(unknown(this.#attempt, occurrences.error));
      count += occurrences.value.length;
      if (count > LIMITS.targetsPerAction)
        return err(
          problem('TOO_MANY_TARGETS', {
            operation: operationOf(this.#attempt),
            limit: LIMITS.targetsPerAction,
          }),
        );
      for (const occurrence of occurrences.value) {
        const target = this.#resolve(template, occurrence);
        if (!target.ok) return err(unknown(this.#attempt, target.error));
        targets.set(`${target.value.type} ${target.value.id}`, target.value);
      }
    }
    if (targets.size === 0) targets.set('', simpleTarget(NO_TARGET_TYPE, this.#place.upstream));
    return ok({ targets: [...targets.values()], arguments: this.#sent });
  }

  /** Null counts as absent, as it does for rules; empty text does not, so it denies. */
  #isAbsent({ id, each }: TargetTemplate): boolean {
    const paths = referencesOf(id).flatMap(({ of, path }) => (of === 'arguments' ? [path] : []));
    return [...paths, ...(each === undefined ? [] : [each])].some(
      (path) => (valueAt(this.#given, path) ?? null) === null,
    );
  }

  #occurrences({ each }: TargetTemplate): Result<readonly Occurrence[], string> {
    if (each === undefined) return ok([{ at: [] }]);
    const list = valueAt(this.#given, each);
    const name = each.join('.');
    if (!Array.isArray(list)) return err(`${name} ${list === undefined ? 'is missing' : 'is no list'}`);
    // An empty list means nothing to one tool and everything to the next.
    if (list.length === 0) return err(`${name} is empty`);
    return ok(list.map((_, index) => ({ at: [...each, index] })));
  }

  #resolve(template: ParentTemplate, occurrence: Occurrence): Result<Target, string> {
    const own = this.#resolveOwn(template, occurrence);
    if (!own.ok || template.parents.length === 0) return own;
    const ancestors = new Map(own.value.ancestors.map((ref) => [`${ref.type} ${ref.id}`, ref]));
    for (const parentTemplate of template.parents) {
      const parent = this.#resolve(parentTemplate, occurrence);
      if (!parent.ok) return parent;
      const { type, id } = parent.value;
      for (const ref of [{ type, id }, ...parent.value.ancestors])
        ancestors.set(`${ref.type} ${ref.id}`, ref);
    }
    return ok({ ...own.value, ancestors: [...ancestors.values()] });
  }

  #resolveOwn({ type, id }: ParentTemplate, occurrence: Occurrence): Result<Target, string> {
    if (isAlone(type)) return this.#resolveAlone(type, id, occurrence);
    const text = this.#compose(id, occurrence, type === 'Repo' || type === 'Org');
    if (!text.ok) return text;
    if (type === 'Repo') return this.#resolveRepo(id, text.value, occurrence);
    if (type === 'Org') return named(id, resolveOrg(text.value));
    for (const part of id.filter((one) => typeof one === 'object')) {
      const value = this.#textOf(part, occurrence, false);
      if (value.ok && leadsElsewhere(value.value)) this.#astray ??= showReference(part);
    }
    const whole = this.#withNormalBeginning(id, text.value, occurrence);
    return whole.ok ? ok(simpleTarget(type, whole.value)) : whole;
  }

  /**
   * An id that begins with a repository or an organisation of the same operation, with that one in its normal form: the
   * service takes `Octo/Hello#1` for `octo/hello#1`, so rules, counts and grants have to.
   */
  #withNormalBeginning(id: Template, text: string, occurrence: Occurrence): Result<string, string> {
    const beginning = this.#beginnings.find((one) => beginsWith(id, one.id));
    if (beginning === undefined) return ok(text);
    const written = this.#compose(beginning.id, occurrence, true);
    if (!written.ok) return written;
    const normal = named(beginning.id, normalBeginning(beginning, written.value));
    return normal.ok ? ok(normal.value + text.slice(written.value.length)) : normal;
  }

  /** A type of AloneType: one argument, whose normal form is decided on and sent. */
  #resolveAlone(type: AloneType, id: Template, occurrence: Occurrence): Result<Target, string> {
    const [reference] = id;
    if (typeof reference !== 'object') throw new Error(`a ${type} template is not one lone reference`);
    const text = this.#textOf(reference, occurrence, true);
    if (!text.ok) return text;
    const at = locate(reference, occurrence);
    if (type === 'Url') {
      const url = named(id, resolveUrl(text.value));
      if (url.ok) this.#send(at, url.value.id);
      return url;
    }
    if (type === 'MailAddress') {
      const mail = named(id, resolveMail(text.value));
      if (mail.ok) this.#send(at, mail.value.sent);
      return mail.ok ? ok(mail.value.target) : mail;
    }
    const isUri = this.#attempt.method === 'resources/read';
    if (isUri && !/^file:/i.test(text.value)) return err(`${showReference(reference)} is no file: URI`);
    const path = named(id, resolvePath(text.value, this.#place.roots[0] ?? this.#place.cwd, this.#files));
    if (!path.ok) return path;
    // A tool that takes paths would read `file:///x` as a relative one, so it always gets the plain path.
    this.#send(at, isUri ? fileUriOf(path.value) : path.value);
    return ok(pathTarget(path.value));
  }

  #resolveRepo(id: Template, text: string, occurrence: Occurrence): Result<Target, string> {
    const repo = named(id, resolveRepo(text));
    if (!repo.ok) return repo;
    const references = id.filter((part) => typeof part === 'object');
    const parts = references.length === 1 ? [repo.value.sent] : repo.value.sent.split('/');
    for (const [i, reference] of references.entries())
      this.#send(locate(reference, occurrence), parts[i] ?? '');
    return ok(repo.value.target);
  }

  /** The id's text. A value that holds the text which follows it could be taken apart in two ways, so it is refused. */
  #compose(template: Template, occurrence: Occurrence, textOnly: boolean): Result<string, string> {
    let id = '';
    for (const [i, part] of template.entries()) {
      if (typeof part === 'string') {
        id += part;
        continue;
      }
      const text = this.#textOf(part, occurrence, textOnly);
      if (!text.ok) return text;
      const next = template[i + 1];
      if (typeof next === 'string' && (text.value + next).indexOf(next) !== text.value.length)
        return err(`${showReference(part)} holds "${next}", which would make another target of it`);
      id += text.value;
    }
    return id.length > LIMITS.targetIdLength
      ? err(`it has more than ${LIMITS.targetIdLength} characters`)
      : ok(id);
  }

  #textOf(reference: Reference, occurrence: Occurrence, textOnly: boolean): Result<string, string> {
    const value = valueAt(this.#given, locate(reference, occurrence));
    const name = showReference(reference);
    if (value === undefined || value === null) return err(`${name} is missing`);
    if (typeof value === 'number' && Number.isSafeInteger(value) && !textOnly) return ok(String(value));
    if (typeof value !== 'string') return err(`${name} is no text`);
    return value === '' ? err(`${name} is empty`) : ok(value);
  }

  #send(at: Location, text: string): void {
    if (valueAt(this.#sent, at) !== text) this.#sent = replaceInObject(this.#sent, at, text);
  }
}

function named<T>(id: Template, result: Result<T, string>): Result<T, string> {
  if (result.ok) return result;
  const references = id.filter((part) => typeof part === 'object');
  return err(`${references.map(showReference).join(' and ')} ${result.error}`);
}

function locate(reference: Reference, occurrence: Occurrence): Location {
  return reference.of === 'element' ? [...occurrence.at, ...reference.path] : reference.path;
}

function valueAt(value: Json, location: Location): Json | undefined {
  let here: Json | undefined = value;
  for (const step of location) {
    if (typeof step === 'number') here = Array.isArray(here) ? here[step] : undefined;
    else here = isJsonObject(here) && Object.hasOwn(here, step) ? here[step] : undefined;
  }
  return here;
}

function replaceInObject(object: JsonObject, [step, ...rest]: Location, text: string): JsonObject {
  const copy: Record<string, Json> = { ...object };
  const key = String(step);
  setKey(copy, key, replaceIn(object[key] ?? null, rest, text));
  return copy;
}

/** A copy of the value with `text` at a place that exists; what is not on the way is shared. */
function replaceIn(value: Json, location: Location, text: string): Json {
  const [step, ...rest] = location;
  if (step === undefined) return text;
  if (Array.isArray(value)) return value.map((item, i) => (i === step ? replaceIn(item, rest, text) : item));
  if (isJsonObject(value)) return replaceInObject(value, location, text);
  throw new Error('an argument to be replaced is not there');
}
