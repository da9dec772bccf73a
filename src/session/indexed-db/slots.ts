/** The slots of a store: one for each page that is open at once. A Web Lock restricts each to one page or worker. */

/** How long a reloaded page waits for its predecessor to release the lock, in ms. */
const RELOAD = 2_000

/** Releases a lock. */
export type Release = () => void

/**
 * Takes the lock of a slot: of the first with `wait`; otherwise of the slot used before a reload, or of any free one.
 */
export async function take(
  locks: LockManager,
  name: string,
  wait: boolean,
  signal: AbortSignal,
): Promise<{ slot: number; release: Release }> {
  // answered when a page that is being prerendered is shown. Until then it gets no lock, and may have given up waiting
  await locks.query()
  if (wait || signal.aborted) return { slot: 0, release: (await lock(locks, `${name}:0`, { signal }))! }
  const before = ofTab((storage) => storage.getItem(name))
  if (before) {
    // AbortSignal.timeout() is newer than some of the supported engines
    const soon = new AbortController()
    setTimeout(() => soon.abort(), RELOAD)
    const release = await lock(locks, `${name}:${before}`, { signal: soon.signal }).catch(() => undefined)
    if (release) return { slot: Number(before), release }
  }
  for (let slot = 0; ; slot++) {
    const release = await lock(locks, `${name}:${slot}`, { ifAvailable: true })
    if (!release) continue
    ofTab((storage) => storage.setItem(name, String(slot)))
    return { slot, release }
  }
}

function lock(locks: LockManager, name: string, options: LockOptions): Promise<Release | undefined> {
  return new Promise((resolve, reject) => {
    locks
      .request(name, options, (held) => (held ? new Promise<void>(resolve) : resolve(undefined)))
      .catch(reject)
  })
}

/** What a tab keeps across reloads: a worker has nothing of the kind, nor may a page in a sandbox. */
function ofTab<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(sessionStorage)
  } catch {
    // the first free slot is used
    return undefined
  }
}
