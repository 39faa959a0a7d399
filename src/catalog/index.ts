/**
 * catalog: what operations exist, what each can do and to what; pins, packs and protected paths. Pure: no I/O, what it needs
 * of the machine's files is handed in. entry.ts is what is known of one operation; what no catalog knows is unclassified.
 */
