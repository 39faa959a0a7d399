/** catalog: what operations exist, what each can do and to what; pins, packs and protected paths. Pure: no I/O. */
