/** Hot reload, as the tools of React do it. To be imported before react-dom, which looks for it when it is loaded. */
import { createRequire } from 'node:module'
import type { FunctionComponent } from 'react'

interface Runtime {
  injectIntoGlobalHook(global: object): void
  register(component: FunctionComponent, id: string): void
  createSignatureFunctionForTransform(): (component: FunctionComponent, hooks: string) => void
  performReactRefresh(): unknown
}

const runtime = createRequire(import.meta.url)('react-refresh/runtime') as Runtime
runtime.injectIntoGlobalHook(globalThis)

/** A version of the component of that name; `hooks` says which it calls, as its source does. */
export function version<P>(
  name: string,
  hooks: string,
  component: FunctionComponent<P>,
): FunctionComponent<P> {
  runtime.createSignatureFunctionForTransform()(component as FunctionComponent, hooks)
  runtime.register(component as FunctionComponent, name)
  return component
}

/** Puts the latest version of each component in the place of the one before. */
export function refresh(): void {
  runtime.performReactRefresh()
}
