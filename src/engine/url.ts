/**
 * `URL` for engines with an incomplete one: React Native's validates nothing, keeps the case of the host, and adds a
 * slash to a path. Only absolute URLs with the schemes that a socket accepts. WHATWG URL, "basic URL parser".
 */
const pattern =
  /^(wss?|https?):[/\\]{2,}(?:([^/?#\\]*)@)?(\[[\da-f:.]+\]|[^/?#\\:@\s%<>^|[\]]+)(?::(\d{0,5}))?([/\\][^?#]*)?(\?[^#]*)?(#.*)?$/i
const defaultPorts: Readonly<Record<string, string>> = { ws: '80', http: '80', wss: '443', https: '443' }

const encoded = (text: string): string => encodeURI(text).replaceAll('%25', '%')

export class OwnURL {
  readonly href: string
  readonly protocol: string
  readonly host: string
  readonly pathname: string
  readonly origin: string

  /** @throws TypeError */
  constructor(url: unknown) {
    // control characters and spaces around it, tabs and line breaks within
    const text = String(url)
      .replace(/^[\u0000- ]+|[\u0000- ]+$/g, '')
      .replace(/[\t\n\r]/g, '')
    const parts = pattern.exec(text)
    const [scheme] = /^[a-z][\w+.-]*:/i.exec(text) ?? []
    if (!parts && (scheme === undefined || /^(ws|http)s?:$/i.test(scheme))) throw new TypeError('Invalid URL')
    this.protocol = scheme!.toLowerCase()
    const [, name = '', login, host = '', port = '', path = '/', query = '', fragment = ''] = parts ?? []
    if (Number(port) > 0xffff) throw new TypeError('Invalid URL')
    const shown =
      port === '' || Number(port) === Number(defaultPorts[name.toLowerCase()]) ? '' : `:${Number(port)}`
    this.host = host.toLowerCase() + shown
    this.pathname = encoded(path.replaceAll('\\', '/'))
    this.origin = `${this.protocol}//${this.host}`
    const rest = this.pathname + encoded(query) + encoded(fragment)
    this.href = parts
      ? `${this.protocol}//${login === undefined ? '' : `${login}@`}${this.host}${rest}`
      : text
  }
}

/** Whether the engine's class parses URLs as the standard requires. */
export function readsUrls(Native: typeof URL | undefined): boolean {
  try {
    const { href, protocol, host, pathname, origin } = new Native!('HTTP://A:80/b?c')
    return [href, protocol, host, pathname, origin].join(' ') === 'http://a/b?c http: a /b http://a'
  } catch {
    return false
  }
}
