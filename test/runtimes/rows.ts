/** The rows of the table: what is tried of the process, then the cases of the program. */
const ofProcess = ['import', 'require', 'one copy for import, require', 'exit within 100 ms']

/** All rows, in order. */
export async function names(): Promise<readonly string[]> {
  const file = new URL('suite/program.js', import.meta.url).href
  const program = (await import(/* @vite-ignore */ file)) as { readonly names: readonly string[] }
  return [...ofProcess, ...program.names]
}
