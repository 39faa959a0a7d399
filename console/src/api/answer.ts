import type { ApprovalView } from '../../../src/contract/approval.ts';
import { ask } from './ask.ts';
import { signed } from './sign.ts';

/** A yes is signed with a passkey, over exactly what is shown; for a no the session is enough. */
export async function approve(view: ApprovalView): Promise<void> {
  await signed(`/v1/approvals/${encodeURIComponent(view.approval)}/approve`, { digest: view.digest });
}

export async function deny(view: ApprovalView, why: string): Promise<void> {
  await ask(`/v1/approvals/${encodeURIComponent(view.approval)}/deny`, { why });
}
