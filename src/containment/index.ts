/**
 * containment: the stop ladder, budgets, leases, cases and limits against floods, as pure state: time is handed in, in
 * milliseconds. Who turns them is the pipeline's business.
 */
