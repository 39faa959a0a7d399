/** containment: the stop ladder and the limits against floods, as pure state. Who turns them is the pipeline's business. */
