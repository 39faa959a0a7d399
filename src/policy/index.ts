/**
 * policy: rules in Cedar, read, checked, compiled and held to the official engine; who may do what is answered here.
 * Pure: no files, no clock, no network.
 */
