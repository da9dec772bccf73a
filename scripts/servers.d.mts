export type Server = 'nginx' | 'haproxy' | 'python'
export function findServers(): Readonly<Record<Server, string | undefined>>
export const missing: Readonly<Record<Server, string>>
export function ensureServers(): void
