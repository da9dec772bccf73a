/** The rooms of src, from the ground up. An import may go down, or stay in its room, and never in a circle. */
const floors = [
  ['machine', 'time'],
  ['diagnostics'],
  ['engine'],
  ['delivery'],
  ['options'],
  ['retry'],
  ['platform'],
  ['connection'],
  ['socket'],
  ['websocket'],
  ['reconnecting-websocket'],
  ['partysocket'],
  ['testing'],
  ['bindings'],
  ['react', 'vue'],
  ['tabs'],
]

const room = (...names) => `^src/(${names.join('|')})/`

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'Two files that need each other are one concept, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...floors.map((names, floor) => ({
      name: `${names.join('-')}-looks-up`,
      comment: 'A room knows only what lies below it: CONTRIBUTING.md, "Source layout".',
      severity: 'error',
      from: { path: room(...names) },
      to: { path: '^src/', pathNot: room(...floors.slice(0, floor).flat(), ...names) },
    })),
    {
      name: 'machine-stands-alone',
      comment: 'The machine is pure: no clock, no platform, no package.',
      severity: 'error',
      from: { path: room('machine') },
      to: { pathNot: room('machine') },
    },
    {
      name: 'nothing-imports-the-command',
      severity: 'error',
      from: { pathNot: room('cli') },
      to: { path: room('cli') },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // types too: a circle of types is a circle
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
