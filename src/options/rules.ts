/** Validation rules for options. Each error names the option by its path. */
import { InvalidArgumentError } from '../diagnostics/errors.js'
import { MAX_DELAY } from '../time/clock.js'

/** Throws unless the value at `path` is valid. */
export type Rule = (path: string, value: unknown) => void
export type Rules<T> = { readonly [K in keyof Required<T>]: Rule }

export function rule(expected: string, holds: (value: unknown) => boolean): Rule {
  return (path, value) => {
    if (!holds(value)) throw new InvalidArgumentError(path, expected)
  }
}

export function number(least: number, most: number, what: string): Rule {
  return rule(
    `must be ${what} from ${least} to ${most}`,
    (value) => typeof value === 'number' && value >= least && value <= most,
  )
}

export function oneOf(...values: readonly unknown[]): Rule {
  return rule(`must be one of ${values.join(', ')}`, (value) => values.includes(value))
}

export const duration = number(1, MAX_DELAY, 'a duration in ms')
export const delay = number(0, MAX_DELAY, 'a duration in ms')
export const age = number(0, Infinity, 'a duration in ms')
export const boolean = oneOf(true, false)
export const callback = rule('must be a function', (value) => typeof value === 'function')
export const count: Rule = rule(
  'must be a whole number from 0, or Infinity',
  (value) => value === Infinity || (Number.isInteger(value) && (value as number) >= 0),
)
export const object = rule('must be an object', isObject)

/** An object, or a function, that has these functions. */
export function having(expected: string, ...names: readonly string[]): Rule {
  return rule(
    expected,
    (value) =>
      Object(value) === value &&
      names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
  )
}

export const abortSignal = having('must be an AbortSignal', 'addEventListener', 'removeEventListener')

export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Checks each key of an object by its rule and rejects unknown keys. */
export function fields<T>(rules: Rules<T>): Rule {
  return (path, value) => {
    object(path, value)
    for (const [key, given] of Object.entries(value as object)) {
      const name = path === 'options' ? key : `${path}.${key}`
      if (!Object.hasOwn(rules, key))
        throw new InvalidArgumentError(
          name,
          `is not an option; the options are ${Object.keys(rules).join(', ')}`,
        )
      if (given !== undefined) rules[key as keyof T](name, given)
    }
  }
}

/** An option that is an object, or a boolean that turns it on with its defaults, or off. */
export function switchable(rule: Rule): Rule {
  return (path, value) => {
    if (typeof value !== 'boolean') rule(path, value)
  }
}

/** Completes an object with defaults; a key that is `undefined` counts as missing. */
export function withDefaults<T extends object>(defaults: T, given: unknown): T {
  // shared by all callers that pass nothing
  if (!isObject(given)) return defaults
  const result = { ...defaults }
  for (const [key, value] of Object.entries(given as object))
    if (value !== undefined) result[key as keyof T] = value as T[keyof T]
  return result
}
