// Who may import whom (ARCHITECTURE.md says why). Each rule is an allow-list: whatever of ours is not named is an error.

/** A folder of ours may import itself and `allowed` (folders or files under src/), and packages. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  comment: `${from} may import ${[from, ...allowed].join(', ')}, and nothing else of ours`,
  from: { path: `^src/${from}(/|\\.ts$)` },
  to: { path: '^src/', pathNot: [from, ...allowed].map((folder) => `^src/${folder}(/|\\.ts$)`) },
});

/** Only files matching `allowed` may import the package. */
const keeper = (packageName, allowed) => ({
  name: `only-keeper-imports-${packageName}`,
  severity: 'error',
  comment: `${packageName} is imported only in ${allowed}`,
  from: { path: '^(src|tests|bench|scripts)/', pathNot: allowed },
  to: { path: `node_modules/${packageName}/` },
});

const services = [
  'shared',
  'main/files',
  'main/persistence',
  'main/export',
  'main/farm',
  'main/sound',
  'main/engine/client',
  'main/engine/protocol',
  'main/engine/models',
  'main/hub',
  'main/model-jobs',
  'main/pictures',
  'main/footage',
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', comment: 'no cycles', from: {}, to: { circular: true } },
    {
      name: 'unresolvable',
      severity: 'error',
      comment: 'an import must lead somewhere',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-package',
      severity: 'error',
      comment: 'a package we import stands in package.json',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    only('shared', 'shared', []),
    only('model', 'main/engine/model', ['shared']),
    only('memory', 'main/engine/memory', ['shared', 'main/engine/model']),
    only('runtime', 'main/engine/runtime', ['shared', 'main/engine/model', 'main/engine/memory']),
    only('engine', 'main/engine', ['shared', 'main/files', 'main/persistence']),
    only('hub', 'main/hub', ['shared', 'main/files']),
    only('model-jobs', 'main/model-jobs', [
      'shared',
      'main/hub',
      'main/engine/models',
      'main/engine/engine-child',
      'main/engine/parent-port',
    ]),
    only('pictures', 'main/pictures', ['shared', 'main/engine/engine-child', 'main/engine/parent-port']),
    only('footage', 'main/footage', ['shared', 'main/export', 'main/pictures', 'main/engine/parent-port']),
    only('persistence', 'main/persistence', ['shared', 'main/files']),
    only('files', 'main/files', ['shared']),
    only('farm', 'main/farm', ['shared', 'main/files', 'main/persistence']),
    only('pages', 'main/pages', ['shared']),
    only('sound', 'main/sound', ['shared']),
    only('export', 'main/export', ['shared', 'main/files', 'main/sound']),
    only('studio', 'main/studio', services),
    only('command-line', 'main/cli', ['main/studio', ...services]),
    only('browser-host', 'main/server', ['main/studio', 'main/pages', ...services]),
    only('desktop-host', 'main/desktop', ['main/studio', 'main/pages', ...services]),
    only('renderer', 'renderer', ['shared']),
    only('preload', 'preload', ['shared']),
    {
      name: 'source-stands-alone',
      severity: 'error',
      comment: 'src imports nothing from tests, bench, scripts or training',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(tests|bench|scripts|training)/' },
    },
    keeper('onnxruntime-node', '^src/main/engine/runtime/'),
    keeper('better-sqlite3', '^src/main/persistence/'),
    keeper('bullmq', '^(src/main/farm/queue/|tests/integration/farm|bench/farm-simulation)'),
    keeper('ioredis', '^src/main/farm/queue/'),
    keeper('@aws-sdk', '^src/main/farm/store/'),
    keeper('@huggingface/hub', '^src/main/hub/'),
    keeper('electron', '^src/(main/desktop|preload/)'),
  ],
  options: {
    // TypeScript 7 has no JavaScript parser API, which this tool's default needs.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
