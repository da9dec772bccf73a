/** What the accounts of a run do not agree with. */
export class Wrong extends Error {}

/** A run that could not be brought to its end, so that there are no accounts. */
export class Stuck extends Error {}
