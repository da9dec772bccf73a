/** The types of the replacements for other packages: what compiles with these packages does with everopen. */
import { symlinkSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { declared, program, type Replaced, wider } from '../types/replacements.js'
import { problems } from './compiler.js'
import { type Home, makeHome, root } from './home.js'

let home: Home
beforeAll(() => {
  home = makeHome()
  for (const name of ['reconnecting-websocket', 'partysocket'])
    symlinkSync(path.join(root, 'node_modules', name), path.join(home.dir, 'node_modules', name))
})
afterAll(() => home.remove())

const bundler = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
}
const platforms = {
  'the DOM library': ['the DOM', { lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'] }],
  'Node’s types alone': [
    'a platform',
    {
      lib: ['lib.es2022.d.ts'],
      types: ['node'],
      typeRoots: [path.join(root, 'node_modules/@types')],
      // those of Node are not all in order without the DOM library
      skipLibCheck: true,
    },
  ],
} as const

describe.each(['reconnecting-websocket', 'partysocket'] satisfies Replaced[])('%s', (name) => {
  describe.each(Object.entries(platforms))('with %s', (platform, [needs, options]) => {
    test.each([
      ['the package itself', name],
      ['everopen', `everopen/${name}`],
    ])('a program compiles: %s', (_, from) => {
      const file = `${from}-${platform}.ts`.replaceAll(/[^\w.]+/g, '-')
      // the packages name types of the DOM library
      const skipLibCheck = from === name || 'skipLibCheck' in options
      const settings = { ...bundler, ...options, lib: [...options.lib], skipLibCheck }
      expect(problems(home, file, program(name, from, needs), settings as ts.CompilerOptions)).toEqual([])
    })
  })

  test('everopen’s types need neither', () => {
    const text = program(name, `everopen/${name}`, 'nothing')
    expect(problems(home, `${name}.ts`, text, { ...bundler, lib: ['lib.es2022.d.ts'] })).toEqual([])
  })

  test('everopen’s types can be exported with a declaration, without a type of one’s own', () => {
    const text = program(name, `everopen/${name}`, 'nothing') + declared
    const settings = { ...bundler, lib: ['lib.es2022.d.ts'], declaration: true }
    expect(problems(home, `${name}-declared.ts`, text, settings)).toEqual([])
  })

  test('everopen’s handlers also take the events of the DOM library', () => {
    const text = program(name, `everopen/${name}`, 'nothing') + wider
    const [, options] = platforms['the DOM library']
    expect(problems(home, `${name}-wider.ts`, text, { ...bundler, lib: [...options.lib] })).toEqual([])
  })
})
