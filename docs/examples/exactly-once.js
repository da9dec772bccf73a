/**
 * A message handler that has its effect exactly once: it notes the message's number in the same transaction in which it
 * does its work, and does nothing for a number that it has noted.
 * @param db A database of better-sqlite3.
 * @param handle Does the work, in the transaction. Synchronous.
 */
export function exactlyOnce(db, handle) {
  db.exec('CREATE TABLE IF NOT EXISTS handled (session TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT')
  const last = db.prepare('SELECT number FROM handled WHERE session = ?').pluck()
  const note = db.prepare('INSERT OR REPLACE INTO handled VALUES (?, ?)')
  const apply = db.transaction((id, number, data) => {
    if (number <= (last.get(id) ?? 0)) return
    handle(data)
    note.run(id, number)
  })
  return (session) => session.on('message', (data, { number }) => apply.immediate(session.id, number, data))
}
