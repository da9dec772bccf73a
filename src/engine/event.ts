/** `Event` for engines without it (React Native up to 0.85). DOM, "Interface Event". */

interface EventInit {
  readonly bubbles?: boolean
  readonly cancelable?: boolean
  readonly composed?: boolean
}

/** The dispatch state of an event; set by EventTarget. */
export interface Journey {
  target: object | null
  phase: 'none' | 'at-target'
  stopped: 'no' | 'immediate'
}

export const journeys = new WeakMap<object, Journey>()

export class OwnEvent {
  readonly type: string
  readonly bubbles: boolean
  readonly cancelable: boolean
  readonly composed: boolean
  readonly isTrusted = false
  readonly timeStamp = Date.now()
  #prevented = false

  constructor(type: string, { bubbles = false, cancelable = false, composed = false }: EventInit = {}) {
    this.type = `${type}`
    this.bubbles = bubbles
    this.cancelable = cancelable
    this.composed = composed
    journeys.set(this, { target: null, phase: 'none', stopped: 'no' })
  }

  get target(): object | null {
    return journeys.get(this)!.target
  }

  get currentTarget(): object | null {
    return this.eventPhase === 0 ? null : this.target
  }

  get eventPhase(): 0 | 2 {
    return journeys.get(this)!.phase === 'none' ? 0 : 2
  }

  get defaultPrevented(): boolean {
    return this.#prevented
  }

  composedPath(): object[] {
    const { currentTarget } = this
    return currentTarget ? [currentTarget] : []
  }

  preventDefault(): void {
    this.#prevented = this.cancelable
  }

  stopPropagation(): void {}

  stopImmediatePropagation(): void {
    journeys.get(this)!.stopped = 'immediate'
  }
}
