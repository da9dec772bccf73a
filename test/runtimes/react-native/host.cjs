/**
 * An engine without anything but JavaScript, and the part of the native modules that React Native's JavaScript asks for
 * when it starts and when it has a WebSocket: bundle, what the suite is told.
 */
const { readFileSync } = require('node:fs')
const vm = require('node:vm')
const { webSockets } = require('./web-sockets.cjs')

const [, , bundle, env] = process.argv
const context = vm.createContext({})
const engine = vm.runInContext('globalThis', context)

/** What the JavaScript lets the native side call. */
const callable = {}
const emit = (type, body) => callable.RCTDeviceEventEmitter().emit(type, body)

const modules = {
  ...webSockets(emit),
  NativePerformanceCxx: { now: () => performance.now(), timeOrigin: () => performance.timeOrigin },
  NativeMicrotasksCxx: { queueMicrotask },
}
const screen = { width: 1, height: 1, scale: 1, fontScale: 1 }
const constants = {
  BlobModule: { BLOB_URI_SCHEME: 'content', BLOB_URI_HOST: 'app' },
  PlatformConstants: { isTesting: false, reactNativeVersion: { major: 0, minor: 0, patch: 0 } },
  DeviceInfo: { Dimensions: { window: screen, screen } },
  SourceCode: { scriptURL: 'file:///app' },
}

/** A native module: what is not played does nothing. */
const module_ = (name) =>
  new Proxy(modules[name] ?? {}, {
    get: (module, key) =>
      key === 'getConstants' ? () => constants[name] ?? {} : (module[key] ?? (() => {})),
  })

Object.assign(engine, {
  nativeLoggingHook: (text) => console.error(text),
  nativePerformanceNow: () => performance.now(),
  RN$Bridgeless: true,
  RN$registerCallableModule: (name, make) => void (callable[name] = make),
  // as Hermes, whose promises are its own
  HermesInternal: {
    hasPromise: () => true,
    useEngineQueue: () => true,
    enablePromiseRejectionTracker() {},
    getRuntimeProperties: () => ({}),
  },
  ...{ setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate, queueMicrotask },
  requestAnimationFrame: (callback) => setTimeout(callback, 16),
  cancelAnimationFrame: clearTimeout,
  __turboModuleProxy: module_,
})

vm.runInContext(readFileSync(bundle, 'utf8'), context, { filename: bundle })
engine.suite(env).then((outcomes) => {
  console.log(outcomes)
  process.exit()
})
