/** The table in which the sockets are compared. */
import { type ClientReport, contenders, type LabReport } from '../chaos.js'
import { balance, type Books } from './books.js'
import type { Runner } from './contenders.js'
import { byId, element } from './dom.js'
import { nameOf } from './lab.js'

const columns = ['opens', 'sent', 'received', 'pending', 'lost', 'twice'] as const
/** As the head of the table has them; on a phone they stand in the cells. */
const titles: Readonly<Record<string, string>> = { pending: 'not yet' }

const nothing: ClientReport = { dials: 0, opens: 0, received: 0, duplicates: 0, latest: 0 }

export class Race {
  readonly #rows = new Map<string, HTMLTableRowElement>()
  #report: LabReport | undefined

  constructor() {
    const body = byId('race').querySelector('tbody')
    for (const name of contenders) {
      const cells = columns.map((column) =>
        element('td', { role: 'cell', 'data-column': column, 'data-title': titles[column] ?? column }),
      )
      const state = element('td', { role: 'cell', 'data-column': 'state' })
      const head = element('th', { role: 'rowheader', scope: 'row' })
      const row = element('tr', { role: 'row', 'data-name': name }, head, state, ...cells)
      // until there is such a socket
      row.hidden = true
      this.#rows.set(name, row)
      body?.append(row)
    }
  }

  /** The server has seen something new. */
  take(report: LabReport): void {
    this.#report = report
  }

  books({ name, sent, over }: Runner): Books {
    return balance(sent, over(), this.#report?.clients[name] ?? nothing)
  }

  show(runners: readonly Runner[]): void {
    for (const runner of runners) {
      const row = this.#rows.get(runner.name)
      if (!row) continue
      row.hidden = false
      const books = { ...this.books(runner), opens: runner.opens, sent: runner.sent }
      const set = (cell: Element | null, text: string): void => {
        if (cell && cell.textContent !== text) cell.textContent = text
      }
      set(row.cells[0] ?? null, runner.label)
      const state = row.querySelector<HTMLElement>('[data-column="state"]')
      const text = runner.state()
      const on = text === 'open' ? ` on ${nameOf(runner.url())}` : ''
      set(state, runner.over() ? 'closed for good' : text + on)
      row.dataset.state = text
      for (const column of columns) set(row.querySelector(`[data-column="${column}"]`), String(books[column]))
      for (const column of ['lost', 'twice'] as const)
        row.querySelector(`[data-column="${column}"]`)?.classList.toggle('bad', books[column] > 0)
    }
  }
}
