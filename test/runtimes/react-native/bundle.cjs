/** Bundles an entry of an application by the Metro that React Native's own configuration sets up: entry, packages, out. */
const path = require('node:path')
const { createRequire } = require('node:module')

const [, , entry, packages, out] = process.argv
const from = createRequire(path.join(packages, 'package.json'))
const { getDefaultConfig, mergeConfig } = from('@react-native/metro-config')
const Metro = createRequire(from.resolve('@react-native/metro-config/package.json'))('metro')
const home = path.dirname(path.dirname(entry))

const config = mergeConfig(getDefaultConfig(home), {
  projectRoot: home,
  watchFolders: [home, packages],
  resolver: { useWatchman: false, nodeModulesPaths: [path.join(packages, 'node_modules')] },
  maxWorkers: 2,
  reporter: { update() {} },
})

Metro.runBuild(config, { entry, out, dev: false, minify: false, platform: 'android' }).catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
