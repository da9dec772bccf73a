/** Writes the demo as files that need no server: `npm run docs` puts them into the site. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = path.join(root, 'demo/page')

/** The page talks to a server inside itself. */
const live: Plugin = {
  name: 'live',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/lab\.js$/ }, ({ resolveDir }) =>
      resolveDir === page ? { path: path.join(root, 'demo/live/lab.ts') } : undefined,
    )
  },
}

/** The page's text where it speaks of a real server. */
const wording: readonly (readonly [RegExp, string])[] = [
  [/to the server in your\s+terminal/, 'to a server simulated in this page'],
  [/acts on the real server, or on a TCP proxy before it,/, 'acts on the simulated server or network,'],
]

function simulated(html: string): string {
  return wording.reduce((text, [from, to]) => {
    if (!from.test(text)) throw new Error(`the page does not say ${from}`)
    return text.replace(from, to)
  }, html)
}

export async function buildLive(target: string): Promise<void> {
  await rm(target, { recursive: true, force: true })
  await mkdir(target, { recursive: true })
  await build({
    absWorkingDir: root,
    entryPoints: { page: 'demo/page/main.ts', 'herd-worker': 'demo/page/herd-worker.ts' },
    outdir: target,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    plugins: [live],
    logLevel: 'warning',
  })
  const html = await readFile(path.join(page, 'index.html'), 'utf8')
  const styles = [...html.matchAll(/href="([\w-]+\.css)"/g)].map(([, name]) => name!)
  for (const name of [...styles, 'icon.svg'])
    await cp(
      name === 'uplot.css' ? path.join(root, 'node_modules/uplot/dist/uPlot.min.css') : path.join(page, name),
      path.join(target, name),
    )
  await writeFile(path.join(target, 'index.html'), simulated(html))
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildLive(path.join(root, 'docs/public/live-demo'))
