/** Compiles what a consumer writes. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import type { Home } from './home.js'

/** What the compiler says of a file in the consumer's project; without types of a platform unless `options` has some. */
export function problems(home: Home, name: string, text: string, options: ts.CompilerOptions): string[] {
  const dir = path.join(home.dir, 'types')
  mkdirSync(dir, { recursive: true })
  const file = path.join(dir, name)
  writeFileSync(file, text)
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2022,
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false,
    types: [],
    ...options,
  })
  return ts.getPreEmitDiagnostics(program).map(({ messageText, file: at, start = 0 }) => {
    const where = at
      ? `${path.basename(at.fileName)}:${at.getLineAndCharacterOfPosition(start).line + 1} `
      : ''
    return where + ts.flattenDiagnosticMessageText(messageText, '\n')
  })
}
