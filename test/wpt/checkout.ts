/** A checkout of web-platform-tests: its pages, and its own server. */
import { execFile, spawn } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { reporter } from './report.js'

const tool = fileURLToPath(new URL('wpt.py', import.meta.url))
/** The name under which the suite serves its pages. */
export const HOST = 'web-platform.test'
/** Within which its server listens, in ms. */
const PATIENCE = 60_000

export interface Page {
  readonly url: string
  readonly scheme: 'http' | 'https' | 'h2'
  /** It has a minute, not ten seconds. */
  readonly long: boolean
}

export interface Server {
  /** The page's address. */
  address(page: Page): string
  stop(): Promise<void>
}

/** Its pages of the WebSocket API, without those of WebSocketStream, which is another, and of the back/forward cache. */
export async function pagesOf(checkout: string): Promise<readonly Page[]> {
  const { stdout } = await promisify(execFile)('python3', [tool, 'pages', checkout], { maxBuffer: 1e8 })
  return (JSON.parse(stdout) as Page[]).filter(({ url }) => !/\/stream\/|back-forward-cache/.test(url))
}

/** @throws Error where the suite's names are not those of this machine. */
export async function ensureHosts(): Promise<void> {
  for (const name of [HOST, `www1.${HOST}`, `not-${HOST}`])
    await lookup(name).catch(() => {
      throw new Error(
        `${name} is unknown here. In the checkout: ./wpt make-hosts-file | sudo tee -a /etc/hosts`,
      )
    })
}

/** Starts its server. A script runs in each page and worker before anything else. */
export async function serve(checkout: string, script?: string): Promise<Server> {
  const dir = mkdtempSync(path.join(tmpdir(), 'everopen-wpt-'))
  const harness = readFileSync(path.join(checkout, 'resources/testharness.js'), 'utf8')
  writeFileSync(
    path.join(dir, 'testharness.js'),
    `${script ?? ''}\n${harness}\n${reporter(script !== undefined)}`,
  )
  if (script !== undefined) writeFileSync(path.join(dir, 'script.js'), script)
  const [http, https, h2, ws, wss, ...more] = await freePorts()
  const ports = { http: [http, more[0]], https: [https, more[1]], h2: [h2], ws: [ws], wss: [wss] }
  writeFileSync(
    path.join(dir, 'config.json'),
    JSON.stringify({
      ports,
      check_subdomains: false,
      aliases: [{ 'url-path': '/resources/testharness.js', 'local-dir': dir }],
      logging: { level: 'warning' },
    }),
  )
  const args = [tool, 'serve', checkout, path.join(dir, 'config.json')]
  const child = spawn('python3', [...args, ...(script === undefined ? [] : [path.join(dir, 'script.js')])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // it ends its servers
  const kill = () => child.kill('SIGTERM')
  process.once('exit', kill)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (said = `${said}${data}`.slice(-5000)))
  const stop = async () => {
    const gone = child.exitCode === null ? once(child, 'exit') : undefined
    kill()
    await gone
    process.off('exit', kill)
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    const deadline = Date.now() + PATIENCE
    for (const port of Object.values(ports).flat())
      while (!(await listens(port))) {
        if (child.exitCode !== null || Date.now() > deadline)
          throw new Error(`the suite's server does not listen:\n${said}`)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
  } catch (error) {
    await stop()
    throw error
  }
  return {
    address({ url, scheme }) {
      const port = { http, https, h2 }[scheme]
      return `${scheme === 'http' ? 'http' : 'https'}://${HOST}:${port}${url}`
    },
    stop,
  }
}

type Seven = [number, number, number, number, number, number, number]

async function freePorts(): Promise<Seven> {
  const servers = await Promise.all(
    Array.from({ length: 7 }, async () => {
      const server = createServer().listen(0)
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports as Seven
}

async function listens(port: number | undefined): Promise<boolean> {
  const socket = connect(Number(port), HOST)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
