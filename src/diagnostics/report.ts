/**
 * Reports an error thrown by a user's function as the platform reports uncaught listener errors: `error` on the global
 * object in browsers, `uncaughtException` in Node. The caller continues.
 */
export function reportError(error: unknown): void {
  const { reportError } = globalThis as { reportError?: (error: unknown) => void }
  if (reportError) reportError(error)
  else
    queueMicrotask(() => {
      throw error
    })
}

/** Runs a user's function and reports any exception that it throws. */
export function attempt(callback: () => void): void {
  try {
    callback()
  } catch (error) {
    reportError(error)
  }
}
