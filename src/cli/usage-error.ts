/** Invalid usage: the command exits with status 2. */

/** The message contains the name of the option, and never its value, which may be a secret. */
export class UsageError extends Error {}
