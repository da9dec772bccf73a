export function build(name: string): Record<string, string>
export function hashes(dir: string): Record<string, string>
export function differences(one: Record<string, string>, other: Record<string, string>): string[]
