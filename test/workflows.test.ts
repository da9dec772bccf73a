/** The workflows of the public CI call only what there is here. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import path from 'node:path'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
const folder = '.github/workflows'
const commands = readdirSync(path.join(root, folder)).flatMap((file) =>
  [...read(`${folder}/${file}`).matchAll(/^ +(?:- )?run: (.+)$/gm)].map(
    ([, command]) => [file, command!.replace(/^sudo .* (?=npm )/, '')] as const,
  ),
)

test('there are some', () => {
  expect(commands.length).toBeGreaterThan(10)
})

test.each(commands)('%s: %s', (_, command) => {
  const [program, name = '', ...rest] = command.split(' ')
  if (program === 'npm') {
    if (name === 'ci') return
    if (rest[0] === 'test:${{') return
    expect(Object.keys(scripts)).toContain(name === 'run' ? rest[0] : name)
    return
  }
  expect(program).toBe('npx')
  expect(['vitest', 'playwright']).toContain(name)
  const project = /--project[= ](\S+)/.exec(command)?.[1]
  if (name === 'vitest') expect(read('vitest.config.ts')).toContain(`name: '${project}'`)
  else if (project !== undefined) expect(project).toBe('${{')
})

test('an engine of theirs is one of ours', () => {
  const engines = /engine: \[(.+)\]/.exec(read(`${folder}/ci.yml`))![1]!.split(', ')
  for (const engine of engines) expect(read('playwright.config.ts')).toContain(engine)
})

test('what runs everywhere is a script of ours', () => {
  const what = /what: \[(.+)\]/.exec(read(`${folder}/ci.yml`))![1]!.split(', ')
  for (const name of what) expect(Object.keys(scripts)).toContain(`test:${name}`)
})

test('the Node versions begin with the oldest that the package takes', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } }
  const [oldest] = /node: \[(.+)\]/.exec(read(`${folder}/ci.yml`))![1]!.split(', ')
  expect(engines.node).toBe(`>=${oldest}`)
})
