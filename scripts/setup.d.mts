export function ensureInstalled(root?: string): Promise<void>
export function ensureCompiled(root?: string): Promise<void>
export function ensureBuilt(root?: string): Promise<void>
