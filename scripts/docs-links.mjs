/** Every link, image, script and anchor in the pages of the built site leads somewhere. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

// files beside the docs, which a repository browser and the tarball have and the site does not
const outside = /\/(SECURITY|CHANGELOG|CONTRIBUTING|README)(\.md)?$/

/** The file that a path of the site is served from. */
const fileOf = (root, page) =>
  [page, `${page}.html`, path.join(page, 'index.html')]
    .map((file) => path.join(root, file))
    .find((file) => existsSync(file) && statSync(file).isFile())

/** Returns what does not exist, as lines of page and target. */
export function deadLinks(root) {
  const pages = readdirSync(root, { recursive: true }).filter((file) => file.endsWith('.html'))
  const read = new Map(
    pages.map((page) => [path.join(root, page), readFileSync(path.join(root, page), 'utf8')]),
  )
  return pages.flatMap((page) => {
    const html = read.get(path.join(root, page))
    const targets = new Set([...html.matchAll(/\s(?:href|src)="([^"]+)"/g)].map(([, target]) => target))
    return [...targets]
      .filter((target) => !/^(?:\w+:|\/\/)/.test(target))
      .filter((target) => {
        const url = new URL(target.replaceAll('&amp;', '&'), `http://site/${page}`)
        const pathname = decodeURIComponent(url.pathname)
        if (outside.test(pathname)) return false
        const file = fileOf(root, pathname)
        if (file === undefined) return true
        const anchor = decodeURIComponent(url.hash.slice(1))
        return anchor !== '' && file.endsWith('.html') && !read.get(file).includes(` id="${anchor}"`)
      })
      .map((target) => `${page}: ${target}`)
  })
}
