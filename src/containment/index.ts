/** containment: the stop ladder, budgets, leases, cases and limits against floods, as pure state. Who turns them is the pipeline's business. */
