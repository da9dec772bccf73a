/** The little of the DOM that every part of the page needs. */

/** The element of that id, which must be there. */
export function byId<T extends Element = HTMLElement>(id: string): T {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no #${id}`)
  return found as Element as T
}

/** An HTML element with attributes and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

/** An SVG element with attributes and children. */
export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  made.append(...children)
  return made
}

/** Greys a button out, or not. Not `disabled`: whoever came by keyboard would lose their place. */
export function allow(button: Element, allowed: boolean): void {
  button.setAttribute('aria-disabled', String(!allowed))
}

/** Does it at each click on a button in there, unless that is greyed out. */
export function onClick(id: string, act: (button: HTMLButtonElement) => void): void {
  byId(id).addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button') : null
    if (button && button.getAttribute('aria-disabled') !== 'true') act(button)
  })
}

/** Whether motion is unwelcome. */
export const stillness = matchMedia('(prefers-reduced-motion: reduce)')
