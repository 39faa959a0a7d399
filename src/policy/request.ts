import { canonicalize } from '../base/canonical.ts';
import type { JsonObject } from '../base/json.ts';
import type { Target } from '../model/action.ts';
import type { Level } from '../model/level.ts';
import { NO_PAST, PAST_NAMES, type PastFacts } from '../model/past.ts';
import type { Entities, EntityData, Scene } from './compile/evaluation.ts';
import { InputRecord, unseenOf } from './schema/input.ts';
import type { RecordShape } from './schema/shape.ts';
import { Datetime } from './values/datetime.ts';
import { EMPTY_RECORD, EntityUid, entityKey, RecordValue, SetValue, type Value } from './values/values.ts';

/** One action to be decided. */
export interface PolicyRequest {
  readonly agent: string;
  /** The level in force. */
  readonly level: Level;
  readonly operation: string;
  /** At least one. */
  readonly targets: readonly Target[];
  /** The first target is only what the caller says, of any type. It needs a permit, and no target may be forbidden. */
  readonly said?: true;
  /** Checked against the pinned schema. For a prompt `{name, arguments}`, its own arguments as RFC 8785 text. */
  readonly arguments: JsonObject;
  /** Arguments that the schema does not declare, where it says `additionalProperties` explicitly. */
  readonly extra?: JsonObject;
  readonly system: SystemFacts;
  /**
   * Which rules count only where they name the target itself (`resource == …`). `permits`: the permits. `all`: every rule, and
   * no permit is needed then. Absent: none, so every rule counts.
   */
  readonly named?: 'permits' | 'all';
}

/** What Lanyard knows; no caller sets it. */
export interface SystemFacts {
  readonly nowMs: number;
  readonly session: string;
  readonly door: string;
  readonly marks: readonly string[];
  /** What the agent has been through; absent: nothing. */
  readonly past?: PastFacts;
  /** The agent says so of itself: worth a question, and never a permit. */
  readonly unsure?: boolean;
  /** RFC 8785 text of the `inputResponses` that a paused call goes on with. */
  readonly responses?: string;
}

/** `context.system.extra`: what was sent and `context.input` does not name, at whatever depth; undefined where there is nothing. */
export function extraOf(request: PolicyRequest, shape: RecordShape): JsonObject | undefined {
  const unseen = unseenOf(shape, request.arguments);
  return unseen === undefined ? request.extra : { ...unseen, ...request.extra };
}

/** `context`, built as far as rules read it; one for all targets of a request. */
export class ContextRecord extends RecordValue {
  readonly #request: PolicyRequest;
  readonly #shape: RecordShape;
  #input: RecordValue | undefined;
  #system: RecordValue | undefined;
  constructor(request: PolicyRequest, shape: RecordShape) {
    super();
    this.#request = request;
    this.#shape = shape;
  }
  get(name: string): Value | undefined {
    if (name === 'input') {
      this.#input ??= new InputRecord(this.#request.arguments, this.#shape);
      return this.#input;
    }
    if (name !== 'system') return undefined;
    this.#system ??= new SystemRecord(this.#request, this.#shape);
    return this.#system;
  }
  names(): Iterable<string> {
    return ['input', 'system'];
  }
}

/** Members of `context.system` that are always there. */
export const ALWAYS_KNOWN: readonly string[] = [
  ...['now', 'session', 'door', 'marks'],
  ...PAST_NAMES,
  'unsure',
];

class SystemRecord extends RecordValue {
  readonly #facts: SystemFacts;
  readonly #past: PastFacts;
  readonly #request: PolicyRequest;
  readonly #shape: RecordShape;
  /** Null where there is nothing; undefined until a rule looks. */
  #extra: string | null | undefined;
  constructor(request: PolicyRequest, shape: RecordShape) {
    super();
    this.#facts = request.system;
    this.#past = request.system.past ?? NO_PAST;
    this.#request = request;
    this.#shape = shape;
  }
  #extraText(): string | null {
    if (this.#extra !== undefined) return this.#extra;
    const extra = extraOf(this.#request, this.#shape);
    this.#extra = extra === undefined ? null : canonicalize(extra);
    return this.#extra;
  }
  get(name: string): Value | undefined {
    switch (name) {
      case 'now':
        return new Datetime(Math.floor(this.#facts.nowMs));
      case 'session':
        return this.#facts.session;
      case 'door':
        return this.#facts.door;
      case 'marks':
        return new SetValue(this.#facts.marks);
      case 'unsure':
        return this.#facts.unsure === true;
      case 'extra':
        return this.#extraText() ?? undefined;
      case 'responses':
        return this.#facts.responses;
      default:
        return Object.hasOwn(NO_PAST, name) ? this.#past[name as keyof PastFacts] : undefined;
    }
  }
  names(): Iterable<string> {
    return [
      ...ALWAYS_KNOWN,
      ...(this.#extraText() === null ? [] : ['extra']),
      ...(this.#facts.responses === undefined ? [] : ['responses']),
    ];
  }
}

/** One target as an entity; only declared attributes, so that rules see what their schema says. */
class TargetEntity implements EntityData {
  readonly tags = EMPTY_RECORD;
  readonly attributes: RecordValue;
  readonly #target: Target;
  #ancestors: ReadonlySet<string> | undefined;
  constructor(target: Target, declared: ReadonlySet<string>) {
    this.#target = target;
    this.attributes = new TargetAttributes(target, declared);
  }
  get ancestors(): ReadonlySet<string> {
    this.#ancestors ??= new Set(this.#target.ancestors.map(({ type, id }) => entityKey(type, id)));
    return this.#ancestors;
  }
}

class TargetAttributes extends RecordValue {
  readonly #target: Target;
  readonly #declared: ReadonlySet<string>;
  constructor(target: Target, declared: ReadonlySet<string>) {
    super();
    this.#target = target;
    this.#declared = declared;
  }
  get(name: string): string | undefined {
    if (name === 'id') return this.#target.id;
    const { attributes } = this.#target;
    return this.#declared.has(name) && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  }
  *names(): Iterable<string> {
    yield 'id';
    for (const name of this.#declared) if (name !== 'id' && this.get(name) !== undefined) yield name;
  }
}

/** What stays the same for every target of a request. */
export interface Setting {
  readonly principal: EntityUid;
  readonly principalData: EntityData;
  readonly action: EntityUid;
  readonly context: RecordValue;
  readonly world: Entities;
}

/** A request about one of its targets. */
export class TargetScene implements Scene, Entities {
  readonly principal: EntityUid;
  readonly action: EntityUid;
  readonly resource: EntityUid;
  readonly context: RecordValue;
  readonly target: TargetEntity;
  readonly #setting: Setting;
  constructor(setting: Setting, target: Target, declared: ReadonlySet<string>) {
    this.principal = setting.principal;
    this.action = setting.action;
    this.context = setting.context;
    this.resource = new EntityUid(target.type, target.id);
    this.target = new TargetEntity(target, declared);
    this.#setting = setting;
  }
  get entities(): Entities {
    return this;
  }
  get(key: string): EntityData | undefined {
    if (key === this.resource.key) return this.target;
    if (key === this.principal.key) return this.#setting.principalData;
    return this.#setting.world.get(key);
  }
}
