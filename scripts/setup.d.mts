export function ensureInstalled(root?: string): Promise<void>
export function ensureBuilt(root?: string): Promise<void>
