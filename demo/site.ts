/** The page's files: HTML and styles as they are, scripts bundled when they are first asked for. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const script = 'text/javascript; charset=utf-8'
const style = 'text/css; charset=utf-8'

const files: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/theme.css': ['demo/page/theme.css', style],
  '/page.css': ['demo/page/page.css', style],
  '/diagram.css': ['demo/page/diagram.css', style],
  '/panel.css': ['demo/page/panel.css', style],
  '/plots.css': ['demo/page/plots.css', style],
  '/uplot.css': ['node_modules/uplot/dist/uPlot.min.css', style],
  '/timeline.css': ['demo/page/timeline.css', style],
  '/icon.svg': ['demo/page/icon.svg', 'image/svg+xml'],
}

export interface File {
  readonly type: string
  readonly body: string | Uint8Array
}

let bundles: Promise<ReadonlyMap<string, Uint8Array>> | undefined

/** The scripts, by path, each with its source map. */
async function bundle(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { page: 'demo/page/main.ts', 'herd-worker': 'demo/page/herd-worker.ts' },
    outdir: root,
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    sourcemap: 'linked',
    logLevel: 'silent',
  })
  return new Map(outputFiles.map(({ path, contents }) => [`/${path.slice(root.length)}`, contents]))
}

/** The page itself, with what it is told about its side of the server. */
export async function readPage(told: Readonly<Record<string, string | number>>): Promise<File> {
  const html = await readFile(`${root}demo/page/index.html`, 'utf8')
  const body = html.replace(/\{(\w+)\}/g, (place, name: string) => String(told[name] ?? place))
  return { type: 'text/html; charset=utf-8', body }
}

/** What else the page loads; nothing for a path that is not known. */
export async function readAsset(path: string): Promise<File | undefined> {
  const file = Object.hasOwn(files, path) ? files[path] : undefined
  if (file) return { type: file[1], body: await readFile(root + file[0]) }
  if (!/^\/[\w-]+\.js(\.map)?$/.test(path)) return undefined
  // one that failed is tried again, with whatever has been mended since
  bundles ??= bundle().catch((error: unknown) => {
    bundles = undefined
    throw error
  })
  const body = (await bundles).get(path)
  return body && { type: path.endsWith('.map') ? 'application/json' : script, body }
}

/** Everything from here, nothing inline, nothing evaluated; sockets to the endpoints of this page only. */
export function policy(host: string, ports: readonly number[]): string {
  const sockets = /^[\w.-]+$/.test(host) ? ports.map((port) => ` ws://${host}:${port}`).join('') : ''
  return [
    "default-src 'none'",
    "script-src 'self'",
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self'${sockets}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
