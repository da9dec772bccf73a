/** The panel that breaks things: what each form asks of the server. */
import { type Command, type LabReport, refusals } from '../chaos.js'
import { byId } from './dom.js'
import { act } from './lab.js'

/** Whether the toggles are pressed, by the server's own word. */
let last: LabReport | undefined

function read(name: string, data: FormData): Command | undefined {
  const text = (field: string): string => String(data.get(field) ?? '')
  const number = (field: string): number => Number(data.get(field))
  switch (name) {
    case 'close':
      return { type: 'close', code: text('code') === '' ? undefined : number('code'), reason: text('reason') }
    case 'rst':
    case 'fin':
    case 'stall':
    case 'flow':
    case 'calm':
      return { type: name }
    case 'refuse': {
      const answer = refusals.find((refusal) => refusal === data.get('answer'))
      return answer && { type: 'refuse', answer, times: number('times') }
    }
    case 'restart':
      return { type: 'restart', ms: Math.round(1_000 * number('seconds')) }
    case 'slow':
      return { type: 'slow', delay: number('delay'), rate: number('rate') }
    case 'loop':
      return { type: 'loop', on: !last?.loop }
    case 'a':
    case 'b':
      return { type: 'endpoint', name, up: last?.endpoints[name] === false }
    default:
      return undefined
  }
}

/** `note` is told of each thing that is done, and of each that could not be. */
export function wirePanel(note: (text: string) => void): void {
  byId('acts').addEventListener('submit', (event) => {
    event.preventDefault()
    const form = event.target as HTMLFormElement
    const command = read(form.dataset.act ?? '', new FormData(form))
    if (!command) return
    const { type, ...rest } = command
    const details = Object.entries(rest).map(([key, value]) => `${key} ${value}`)
    note([type, ...details].join(', '))
    act(command).catch((error: unknown) => note(`not done: ${String(error)}`))
  })
}

/** Shows what is in force. */
export function showPanel(report: LabReport): void {
  last = report
  const { loop, endpoints, refusing, slow, stalled } = report
  const on: Readonly<Record<string, boolean>> = {
    loop,
    a: !endpoints.a,
    b: !endpoints.b,
    refuse: refusing > 0,
    slow: slow.delay > 0 || slow.rate > 0,
    stall: stalled > 0,
    restart: !endpoints.a && !endpoints.b,
  }
  for (const form of byId('acts').querySelectorAll('form')) {
    const name = form.dataset.act ?? ''
    form.classList.toggle('on', on[name] === true)
    const button = form.querySelector('button')
    if (button?.hasAttribute('aria-pressed')) button.setAttribute('aria-pressed', String(on[name] === true))
  }
}
