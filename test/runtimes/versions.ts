/** What the suite runs on, pinned: packages of npm, by the name under which the table shows them. */

/** The system's part in the names of packages that are programs. */
const { platform, arch } = process

/** One folder of the cache: packages with their versions. */
export type Packages = Readonly<Record<string, string>>

/** The program of a Node version, on whatever system this is. */
export function node(version: string): Packages {
  return { [`node-${platform === 'win32' ? 'win' : platform}-${arch}`]: version }
}

/** Bun's program. */
export function bun(version: string): Packages {
  const system = platform === 'win32' ? 'windows' : platform
  return { [`@oven/bun-${system}-${arch === 'arm64' ? 'aarch64' : arch}`]: version }
}

/** Deno's program. */
export function deno(version: string): Packages {
  return { [`@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`]: version }
}

export const NODE = { least: '20.20.2', before: '22.23.3', stable: '24.21.0', newest: '26.12.1' } as const
export const BUN = { own: '1.3.14', least: '1.4.0', newest: '1.4.5' } as const
export const DENO = { least: '2.9.0', newest: '2.9.6' } as const
/** The lowest `ws` in the range of package.json, and the newest when this was written. */
export const WS = '8.23.0'

export const MINIFLARE: Packages = { miniflare: '4.20260730.0' }

/** React Native's JavaScript, its bundler and the preset of its applications. */
function reactNative(version: string, react: string): Packages {
  return {
    'react-native': version,
    react,
    '@react-native/metro-config': version,
    '@react-native/babel-preset': version,
  }
}

/** The first that brings its new architecture as the default; the last without Event; the newest. */
export const REACT_NATIVE: readonly Packages[] = [
  reactNative('0.76.9', '18.3.1'),
  reactNative('0.85.3', '19.2.3'),
  reactNative('0.88.1', '19.3.1'),
]

/** The last of each release, from the least that is stated. */
export const TYPESCRIPT = [
  ...['4.9.5', '5.0.4', '5.1.6', '5.2.2', '5.3.3', '5.4.5', '5.5.4', '5.6.3', '5.7.3', '5.8.3', '5.9.3'],
  ...['6.0.3', '7.0.2'],
] as const
