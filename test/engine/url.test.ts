/** URLs for an engine that reads none, against the class of Node. */
import { describe, expect, test } from 'vitest'
import { OwnURL, readsUrls } from '../../src/engine/url.js'

const parts = (url: { [K in 'href' | 'protocol' | 'host' | 'pathname' | 'origin']: string }) => [
  url.href,
  url.protocol,
  url.host,
  url.pathname,
  url.origin,
]

test.each([
  'wss://a.test',
  'WSS://A.test:443/Feed',
  'ws://a.test:80/x?y=1#zz',
  'https://a.test:443/',
  'ws://a.test:65535/',
  'http://a.test:8080?q',
  'https://user:pass@a.test/x y?z=ä&w=%20%zz',
  'ws://[::1]:8080/',
  '  ws:\\\\a.test\\b\n/c  ',
  'ws:////a.test/',
  'ws://a.test:0080/',
  'ws://a.test:/',
])('%s is read as the standard does', (url) => {
  expect(parts(new OwnURL(url))).toEqual(parts(new URL(url)))
})

test.each([
  '',
  '/feed',
  '/a:b',
  'a.test',
  'ws://',
  'ws://a b/',
  'ws://a:x/',
  'ws://a:65536/',
  'http:',
  undefined,
  null,
])('%s is none', (url) => {
  expect(() => new OwnURL(url)).toThrow(new TypeError('Invalid URL'))
})

test('of another scheme it tells the scheme', () => {
  expect(new OwnURL('FTP://a.test/').protocol).toBe('ftp:')
  expect(new OwnURL('xhttp:').protocol).toBe('xhttp:')
  expect(new OwnURL('xwss://a.test')).toMatchObject({ href: 'xwss://a.test', protocol: 'xwss:', host: '' })
})

describe('readsUrls', () => {
  test('Node’s class does, and ours', () => {
    expect([readsUrls(URL), readsUrls(OwnURL as unknown as typeof URL)]).toEqual([true, true])
  })

  test('none does not, nor one as React Native’s', () => {
    class Loose {
      readonly href: string
      constructor(url: string) {
        this.href = `${url}/`
      }
    }
    class Throwing {
      readonly href = ''
      get protocol(): string {
        throw new Error('not implemented')
      }
    }
    for (const Class of [undefined, Loose, Throwing]) expect(readsUrls(Class as never)).toBe(false)
  })
})
