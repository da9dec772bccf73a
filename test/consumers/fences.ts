/** The code in a Markdown page. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from './home.js'

export interface Fence {
  readonly language: string
  readonly code: string
}

/** The fenced blocks of a page. */
export function fencesOf(page: string): Fence[] {
  const text = readFileSync(path.join(root, page), 'utf8')
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```/gm)].map(([, language = '', code = '']) => ({
    language,
    code,
  }))
}

/** Those of them that are programs. */
export function samplesOf(page: string): Fence[] {
  return fencesOf(page).filter(({ language }) => language === 'js' || language === 'ts')
}
