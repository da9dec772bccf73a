/** `everopen/proxy`, as installed: by `require` and by `import`, without the optional packages and with them. */
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type net from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Home, makeHome, root } from './home.js'

let home: Home
let proxy: http.Server
beforeAll(async () => {
  home = makeHome()
  proxy = http.createServer()
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  proxy.close()
  home.remove()
})

const app = `
  const agent = proxyAgent(process.argv[2])
  const socket = new ReconnectingSocket('ws://127.0.0.1:9/', { retry: false, node: { agent } })
  socket.closed.then(({ cause }) => {
    const { code, status, message } = cause
    const kinds = [MissingPackageError, ProxyError].map((kind) => cause instanceof kind)
    console.log(JSON.stringify({ code, status, message, kinds }))
  })
`
const names = '{ MissingPackageError, ProxyError, ReconnectingSocket }'
const loaders = {
  'proxy.cjs': `const ${names} = require('everopen'); const { proxyAgent } = require('everopen/proxy');${app}`,
  'proxy.mjs': `import ${names} from 'everopen'; import { proxyAgent } from 'everopen/proxy';${app}`,
}

async function run(file: string, code: string, url: string): Promise<unknown> {
  writeFileSync(path.join(home.dir, file), code)
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(home.dir, file), url])
  return JSON.parse(stdout)
}

describe.each(Object.entries(loaders))('%s', (file, code) => {
  test('a SOCKS proxy without the package: an error that says what to install', async () => {
    expect(await run(file, code, 'socks5://127.0.0.1:9')).toEqual({
      code: 'ERR_MISSING_PACKAGE',
      message: 'a SOCKS proxy needs socks: npm install socks',
      kinds: [true, false],
    })
  })

  test('with the package, the proxy is asked', async () => {
    const link = path.join(home.dir, 'node_modules/socks')
    mkdirSync(path.dirname(link), { recursive: true })
    symlinkSync(path.join(root, 'node_modules/socks'), link)
    try {
      expect(await run(file, code, 'socks5://127.0.0.1:1')).toMatchObject({
        code: 'ERR_PROXY',
        kinds: [false, true],
      })
    } finally {
      rmSync(link)
    }
  })

  test('an HTTP proxy is asked, with no other package', async () => {
    const { port } = proxy.address() as net.AddressInfo
    // nobody there, and one that knows no CONNECT and hangs up
    for (const spare of [1, port])
      expect(await run(file, code, `http://127.0.0.1:${spare}`)).toMatchObject({
        code: 'ERR_PROXY',
        kinds: [false, true],
      })
  })
})
