/** What was asked for cannot be done: the command ends with status 2. */

/** Its message names the option and never its value, which may be a secret. */
export class UsageError extends Error {}
