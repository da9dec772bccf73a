/**
 * Surfaces an error thrown by a user's function the way the platform surfaces uncaught listener errors: `error` on
 * the global object in browsers, `uncaughtException` in Node. The caller goes on undisturbed.
 */
export function reportError(error: unknown): void {
  const { reportError } = globalThis as { reportError?: (error: unknown) => void }
  if (reportError) reportError(error)
  else
    queueMicrotask(() => {
      throw error
    })
}

/** Runs a user's function. What it throws is reported, and disturbs nobody else. */
export function attempt(callback: () => void): void {
  try {
    callback()
  } catch (error) {
    reportError(error)
  }
}
