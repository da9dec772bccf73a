/** Shows that walk and simulation can find bugs: known ones, planted one by one into the machine, are caught. */
import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { simulate, type Weather } from './simulate.js'
import { type Budget, nothing, walk } from './walk.js'
import type { Machine } from './world.js'

const source = readFileSync(new URL('../../src/tabs/member.ts', import.meta.url), 'utf8')

interface Bug {
  readonly from: string
  readonly to: string
  /** What finds it: a walk with this budget, or else the simulation in this weather. */
  readonly by: Partial<Budget> | Weather
}

const bugs: Readonly<Record<string, Bug>> = {
  'two leaders: who is deposed goes on': {
    from: "if (state.name === 'leading') return quit(state, ['close', undefined, ''], lostConnection())",
    to: "if (state.name === 'leading') return [state, []]",
    by: { freezes: 1 },
  },
  'two leaders: whoever hears nothing for a moment deposes': {
    from: 'state.asked >= QUESTIONS && now - state.heard >= PATIENCE',
    to: 'true',
    by: 'pages',
  },
  'a confirmation is lost': {
    from: "effects.push(['hand', { kind: 'ack', to, term, seq: ++last, again: false, at: 0 }, data])",
    to: "effects.push(['hand', { kind: 'ack', to: 'nobody', term, seq: ++last, again: false, at: 0 }, data])",
    by: { sends: 1, crashes: 1 },
  },
  'a leader that slept hands over what others have sent again': {
    from: 'now - spoke <= LEASE',
    to: 'spoke <= now',
    by: { sends: 1, freezes: 1 },
  },
  'a late word of a deposed leader is believed': {
    from: "if (name === 'gone' || name === 'closing' || term < state.term) return [state, heard]",
    to: "if (name === 'gone' || name === 'closing') return [state, heard]",
    by: 'pages',
  },
  'what was sent to another leader is handed over': {
    from: "word.term > term || (kind === 'send' && word.term < term)",
    to: 'false',
    by: 'pages',
  },
  'a message that comes twice is handed over twice': {
    from: 'if (seq === last + 1)',
    to: 'if (seq >= last)',
    by: { sends: 2, twice: 1 },
  },
  'a message is handed over although one before it is missing': {
    from: 'if (seq === last + 1)',
    to: 'if (seq > last)',
    by: 'channel',
  },
  'what is missing is not asked for again': {
    from: 'return [next, word.again && word.to === id',
    to: 'return [next, word.again && word.to === term',
    by: 'channel',
  },
  'a message of the server that comes twice is told twice': {
    from: "if (kind === 'data' && word.n === next.n + 1)",
    to: "if (kind === 'data')",
    by: { says: 2, twice: 1, dials: 2 },
  },
  'a message of the server that never came is not missed': {
    from: "if (word.n > next.n) return [next, [['hidden']]]",
    to: '',
    by: 'channel',
  },
  'the same numbers begin again where a leader knows nobody': {
    from: '[from]: state.last[from] ?? seq - 1',
    to: '[from]: seq - 1',
    by: 'pages',
  },
  'the lock goes with the connection that has been cut': {
    from: "return [{ name: 'keeping', term, until: now + KEEP }, [...over(state, input), end]]",
    to: "return [{ name: 'gone', term }, [...over(state, input), end]]",
    by: { cuts: 1 },
  },
  'the others are not told that the connection has ended': {
    from: "return phase === 'open' ? [['post', { kind: 'over'",
    to: "return term < 0 ? [['post', { kind: 'over'",
    by: 'pages',
  },
}

function load(bug?: Bug): Machine {
  if (bug && !source.includes(bug.from)) throw new Error(`the machine has no: ${bug.from}`)
  const text = bug ? source.replace(bug.from, bug.to) : source
  const { outputText } = ts.transpileModule(text, { compilerOptions: { module: ts.ModuleKind.CommonJS } })
  const exports = {} as Machine
  new Function('exports', outputText)(exports)
  return exports
}

function hunt(machine: Machine, by: Bug['by'], runs: number): string | undefined {
  try {
    if (typeof by !== 'string') return walk(machine, { ...nothing, ...by }, 30_000).violation
    for (let seed = 1; seed <= runs; seed++) simulate(machine, seed, by, 300)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

describe('planted bugs are caught', () => {
  test('none where none is planted', () => {
    for (const weather of ['pages', 'channel'] as const) expect(hunt(load(), weather, 40)).toBeUndefined()
  })

  for (const [name, bug] of Object.entries(bugs))
    test(name, () => {
      const finding = hunt(load(bug), bug.by, 300)
      console.log(`${name} — ${finding?.slice(0, 90)}`)
      expect(finding).toBeDefined()
    })
})
