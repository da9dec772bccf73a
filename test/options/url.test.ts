import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { protocolProblem, publicPart, resolveUrl } from '../../src/options/url.js'
import { utf8Length } from '../../src/delivery/payload.js'

afterEach(() => void vi.unstubAllGlobals())

describe('resolveUrl', () => {
  test.each([
    ['ws://a.test', 'ws://a.test/'],
    ['wss://a.test/x?y=1', 'wss://a.test/x?y=1'],
    ['http://a.test/', 'ws://a.test/'],
    ['https://a.test/', 'wss://a.test/'],
    ['HTTPS://A.test/', 'wss://a.test/'],
    ['ws://a.test:80/', 'ws://a.test/'],
    ['http://a.test:80/', 'ws://a.test/'],
    ['https://a.test:443/', 'wss://a.test/'],
    ['https://a.test:80/', 'wss://a.test:80/'],
    ['  ws://a.test/  ', 'ws://a.test/'],
    ['ws://user:pass@a.test/', 'ws://user:pass@a.test/'],
    ['ws://[::1]:8080/', 'ws://[::1]:8080/'],
  ])('%s is dialed as %s', (given, href) => {
    expect(resolveUrl(given)).toEqual({ href })
  })

  test('takes further schemes where they are given, as they are', () => {
    const href = 'ws+unix:/tmp/socket:/x?y=1'
    expect(resolveUrl(href, ['ws+unix:'])).toEqual({ href })
    expect(resolveUrl(href)).toMatchObject({ problem: expect.stringContaining('ws+unix:') as string })
    expect(resolveUrl('wss+unix:/tmp/socket', ['ws+unix:'])).toHaveProperty('problem')
    for (const wrong of ['ws+unix://host/path', 'ws+unix:'])
      expect(resolveUrl(wrong, ['ws+unix:'])).toEqual({ problem: 'has no path to a socket' })
    expect(resolveUrl(`${href}#z`, ['ws+unix:'])).toEqual({ problem: 'must not have a fragment' })
  })

  test('needs no setters of URL, which React Native lacks', () => {
    class ReadOnly {
      readonly protocol = 'https:'
      readonly host = 'a.test'
      readonly pathname = '/x'
      readonly href = 'https://a.test/x'
    }
    for (const [name, value] of Object.entries(new ReadOnly()))
      Object.defineProperty(ReadOnly.prototype, name, { get: () => value })
    vi.stubGlobal('URL', function () {
      return Object.freeze(new ReadOnly())
    })
    expect(resolveUrl('https://a.test/x')).toEqual({ href: 'wss://a.test/x' })
  })

  test('takes a URL object, or whatever has an address as a string', () => {
    expect(resolveUrl(new URL('https://a.test/x'))).toEqual({ href: 'wss://a.test/x' })
    expect(resolveUrl({ toString: () => 'ws://a.test/' })).toEqual({ href: 'ws://a.test/' })
  })

  test('takes anything else as its text, as a page does', () => {
    vi.stubGlobal('location', { href: 'https://a.test/page' })
    expect(resolveUrl(null)).toEqual({ href: 'wss://a.test/null' })
  })

  test.each([
    ['', 'is not a valid URL, such as wss://host/path'],
    ['/feed', 'is not a valid URL, such as wss://host/path'],
    ['a.test', 'is not a valid URL, such as wss://host/path'],
    ['ws://', 'is not a valid URL, such as wss://host/path'],
    [undefined, 'is not a valid URL, such as wss://host/path'],
    [null, 'is not a valid URL, such as wss://host/path'],
    [Symbol('x'), 'is not a valid URL, such as wss://host/path'],
    [{}, 'is not a valid URL, such as wss://host/path'],
    ['ftp://a.test/', 'must use ws: or wss:, not ftp:'],
    ['mailto:x@a.test', 'must use ws: or wss:, not mailto:'],
    // names that every object has are no schemes
    ['constructor:x', 'must use ws: or wss:, not constructor:'],
    ['ws://a.test/#x', 'must not have a fragment'],
    ['ws://a.test/#', 'must not have a fragment'],
  ])('%s cannot be dialed', (given, problem) => {
    expect(resolveUrl(given)).toEqual({ problem })
  })

  test('is relative to the document’s base where there is one, and else to the worker’s address', () => {
    vi.stubGlobal('location', { href: 'http://worker.test/w/worker.js' })
    expect(resolveUrl('feed')).toEqual({ href: 'ws://worker.test/w/feed' })
    vi.stubGlobal('document', { baseURI: 'https://page.test/dir/page' })
    expect(resolveUrl('feed')).toEqual({ href: 'wss://page.test/dir/feed' })
    expect(resolveUrl('')).toEqual({ href: 'wss://page.test/dir/page' })
  })

  test.each([
    'ftp://u:hunter2@a.test/',
    '//hunter2',
    'ws://hunter2 /',
    'ws://a/#hunter2',
    'u:hunter2@a.test',
  ])('a URL is never part of the problem, it may carry credentials: %s', (url) => {
    const result = resolveUrl(url)
    expect(result).toHaveProperty('problem')
    expect(JSON.stringify(result)).not.toContain('hunter2')
  })
})

describe('protocolProblem', () => {
  test.each([[[]], [['chat']], [["!#$%&'*+-.^_`|~09azAZ"]]])('%j is fine', (protocols) => {
    expect(protocolProblem(protocols)).toBeUndefined()
  })

  test.each([
    '',
    ' ',
    'a b',
    'a,b',
    'a;b',
    'a/b',
    '"a"',
    '(a)',
    '{a}',
    '[a]',
    'a:b',
    'a=b',
    'a?',
    '<a>',
    'a@b',
    'a\\b',
    'ä',
    'a\n',
    '\u007f',
  ])('%j is not a token', (protocol) => {
    expect(protocolProblem(['fine', protocol])).toContain('token')
  })

  test.each([[['chat', 'chat']], [['chat', 'x', 'Chat']]])('%j names one twice', (protocols) => {
    expect(protocolProblem(protocols)).toContain('twice')
  })

  test.each([[5], [null], [undefined], [{}], [['nested']]])('%j is no name', (protocol) => {
    expect(protocolProblem([protocol as unknown as string])).toContain('token')
  })

  test('a name may appear once', () => {
    expect(protocolProblem(['a', 'b', 'a'])).toBe('names a protocol twice')
  })

  test('every printable ASCII character is judged as RFC 9110 does', () => {
    for (let code = 0x20; code < 0x7f; code++) {
      const char = String.fromCharCode(code)
      const delimiter = ' "(),/:;<=>?@[\\]{}'.includes(char)
      expect([char, protocolProblem([char]) === undefined]).toEqual([char, !delimiter])
    }
  })
})

describe('utf8Length', () => {
  test('is what is sent, for any string, lone surrogates included', () => {
    const unit = fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0xd7f0, max: 0xe010 }),
      fc.constantFrom(0, 0x7f, 0x80, 0x7ff, 0x800, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xffff),
    )
    const text = fc.array(unit).map((units) => String.fromCharCode(...units))
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' }), fc.string()), (given) => {
        expect(utf8Length(given)).toBe(Buffer.byteLength(given))
      }),
      { numRuns: 1_000 },
    )
  })

  test('a pair is four bytes, each half alone three', () => {
    expect(utf8Length('𝄞')).toBe(4)
    expect(['\ud834', '\udd1e', '\udd1e\ud834', '\ud834\ud834\udd1e'].map(utf8Length)).toEqual([3, 3, 6, 7])
  })
})

describe('publicPart', () => {
  test('hides credentials, query and fragment', () => {
    expect(publicPart('wss://user:pass@a.test:8443/feed/x?token=secret#part')).toBe(
      'wss://a.test:8443/feed/x',
    )
  })

  test('of any URL that can be dialed, shows neither', () => {
    const word = fc.stringMatching(/^[a-z]{4,8}$/)
    fc.assert(
      fc.property(word, word, word, (user, password, query) => {
        const shown = publicPart(`wss://${user}:${password}@h/?${query}=1`)
        expect(shown).toBe('wss://h/')
      }),
    )
  })
})
