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
  test.each([
    ['http', 'an HTTP proxy', 'https-proxy-agent'],
    ['socks5', 'a SOCKS proxy', 'socks'],
  ])('%s: without the package, an error that says what to install', async (scheme, what, name) => {
    expect(await run(file, code, `${scheme}://127.0.0.1:9`)).toEqual({
      code: 'ERR_MISSING_PACKAGE',
      message: `${what} needs ${name}: npm install ${name}`,
      kinds: [true, false],
    })
  })

  test('with the packages, the proxy is asked', async () => {
    const modules = path.join(home.dir, 'node_modules')
    mkdirSync(modules, { recursive: true })
    const links = ['https-proxy-agent', 'socks'].map((name) => {
      const link = path.join(modules, name)
      symlinkSync(path.join(root, 'node_modules', name), link)
      return link
    })
    const spare = (proxy.address() as net.AddressInfo).port
    try {
      for (const scheme of ['http', 'socks5'])
        expect(await run(file, code, `${scheme}://127.0.0.1:1`)).toMatchObject({
          code: 'ERR_PROXY',
          kinds: [false, true],
        })
      // it knows no CONNECT, and hangs up
      expect(await run(file, code, `http://127.0.0.1:${spare}`)).toMatchObject({ code: 'ERR_PROXY' })
    } finally {
      for (const link of links) rmSync(link)
    }
  })
})
