export type Server = 'nginx' | 'haproxy' | 'python' | 'redis' | 'nats' | 'mosquitto'
export function findServers(): Readonly<Record<Server, string | undefined>>
export const missing: Readonly<Record<Server, string>>
export function ensureServers(): void
