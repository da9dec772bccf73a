/** A consumer's project, made ready for the suite. */
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Home, root } from '../consumers/home.js'
import { installed } from './cache.js'

/** Puts in what the suite needs beside the package. */
export function furnish({ dir }: Home): void {
  // Deno takes what is named there
  const manifest = { private: true, type: 'module', dependencies: { everopen: '*' } }
  writeFileSync(path.join(dir, 'package.json'), JSON.stringify(manifest))
  cpSync(fileURLToPath(new URL('suite', import.meta.url)), path.join(dir, 'suite'), { recursive: true })
}

/** Takes that version of `ws` in place of this project's. */
export async function furnishWs({ dir }: Home, ws: string): Promise<void> {
  const modules = path.join(dir, 'node_modules')
  rmSync(path.join(modules, 'ws'))
  cpSync(path.join(await installed({ ws }), 'node_modules/ws'), path.join(modules, 'ws'), { recursive: true })
  // a copy, not a link: it asks for the ws beside it
  rmSync(path.join(modules, 'isomorphic-ws'))
  cpSync(path.join(root, 'node_modules/isomorphic-ws'), path.join(modules, 'isomorphic-ws'), {
    recursive: true,
  })
}
