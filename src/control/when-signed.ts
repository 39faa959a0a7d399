import type { Result } from '../base/result.ts';
import type { Operations, OperatorRefusal } from './operations.ts';
import { type Change, describeChange } from './people/changes.ts';
import { type Answer, type Call, signedIn } from './route.ts';

/**
 * Runs an operator's act as the signed-in person. What needs no signature is answered at once; what does is answered 202
 * with the change that waits, and its end is the answer to whoever signs it.
 */
export function whenSigned(
  call: Call<unknown, unknown>,
  run: (operations: Operations) => Promise<Result<unknown, OperatorRefusal>>,
): Promise<Answer> {
  const { person } = signedIn(call);
  let current = Promise.withResolvers<Answer>();
  const first = current.promise;
  const onWaiting = (change: Change) => {
    const before = current;
    current = Promise.withResolvers<Answer>();
    change.answer = current.promise;
    before.resolve({ status: 202, value: describeChange(change) });
  };
  run(call.port.operations(person, onWaiting)).then(
    (done) => current.resolve(done.ok ? { value: done.value ?? {} } : { refused: done.error }),
    (error: unknown) => {
      // Where a change waits, nobody may be listening: its end must not end the process.
      current.promise.catch(() => undefined);
      current.reject(error);
    },
  );
  return first;
}
