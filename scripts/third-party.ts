/** Notes which packages of others end up in the build, and writes dist/THIRD-PARTY.md: their licenses ask for it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Plugin } from 'rollup'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
}

/** The folder of the package that a module belongs to; `undefined` for a module of this project. */
function homeOf(id: string): string | undefined {
  const file = id.replace(/^\0/, '').replace(/\?.*$/, '')
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0]
}

/** One for all the builds of a run: each adds what is in its own bundles. */
export function thirdParty(): Plugin {
  const bundles = new Map<string, Set<string>>()
  return {
    name: 'third-party',
    generateBundle({ dir, file }, output) {
      const folder = path.relative('dist', dir ?? path.dirname(file!))
      for (const chunk of Object.values(output)) {
        if (chunk.type !== 'chunk') continue
        for (const [id, { renderedLength }] of Object.entries(chunk.modules)) {
          const home = homeOf(id)
          if (home === undefined || renderedLength === 0 || !existsSync(path.join(home, 'package.json')))
            continue
          const where = path.posix.join(
            folder.replaceAll('\\', '/'),
            path.extname(chunk.fileName) === '.cjs' ? '*.cjs' : file ? chunk.fileName : '*.js',
          )
          bundles.set(home, (bundles.get(home) ?? new Set()).add(where))
        }
      }
    },
    writeBundle() {
      mkdirSync('dist', { recursive: true })
      writeFileSync('dist/THIRD-PARTY.md', page(bundles))
    },
  }
}

function page(bundles: ReadonlyMap<string, ReadonlySet<string>>): string {
  const entries = [...bundles].map(([home, files]) => ({ home, files, manifest: manifestOf(home) }))
  entries.sort((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1))
  const sections = entries.map(({ home, files, manifest: { name, version, license = 'not named' } }) => {
    const text = readdirSync(home).find((file) => /^licen[cs]e(\.\w+)?$/i.test(file))
    const said =
      text === undefined
        ? ''
        : `\n\n\`\`\`text\n${readFileSync(path.join(home, text), 'utf8').trim()}\n\`\`\``
    return `## ${name} ${version}\n\n${license}. In ${[...files]
      .sort()
      .map((file) => `\`${file}\``)
      .join(', ')}.${said}`
  })
  return `# Third-party code in this package\n\nWhat others wrote and these files contain. Dependencies that npm installs beside it are not in it.\n\n${sections.join('\n\n')}\n`
}

function manifestOf(home: string): Manifest {
  return JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8')) as Manifest
}
