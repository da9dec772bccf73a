import tseslint from 'typescript-eslint'

const adapters = { group: ['ws', 'isomorphic-ws'], message: 'Only src/platform knows them.' }
const mitt = { group: ['mitt'], message: 'Only src/socket/emitter.ts knows it.' }
const outside = { group: ['../*', '#platform'], message: 'The machine knows nothing outside its folder.' }

const forbid = (...patterns) => ({ '@typescript-eslint/no-restricted-imports': ['error', { patterns }] })

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'coverage/',
      '.cache/',
      '.stryker/',
      'test-results/',
      'node_modules/',
      'test/consumers/fixtures/',
      'docs/api/',
      'docs/public/live-demo/',
      'docs/.vitepress/dist/',
      'docs/.vitepress/cache/',
    ],
  },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      ...forbid(adapters, mitt),
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  {
    files: ['**/*.cjs', 'test/runtimes/suite/native-require.js'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  { files: ['src/platform/**'], rules: forbid(mitt) },
  // a server of its own, and the timings of a dial
  { files: ['src/cli/**'], rules: forbid(mitt) },
  { files: ['src/socket/emitter.ts'], rules: forbid(adapters) },
  { files: ['src/machine/**'], rules: forbid(adapters, mitt, outside) },
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
)
