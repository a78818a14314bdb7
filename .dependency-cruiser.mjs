/**
 * Which module may import which. `make check` runs it; `npx depcruise services deploy bench` by hand.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
const services = 'client|edge|evaluator|game|leaderboard|scorer|session|verify'
const tests = '/test/|[.]test[.]ts$'
/** What is started by its path. */
const programs =
  '(^|/)main[.]tsx?$|^services/session/erase[.]ts$|^services/leaderboard/rebuild[.]ts$|^services/edge/http/error-page[.]ts$|-worker[.]ts$|^services/(client|react)/src/index[.]ts$|^services/web/(vite[.]config[.]ts|src/vite[.]d[.]ts)$|^deploy/|^bench/'

export default {
  forbidden: [
    {
      name: 'game-imports-only-itself',
      comment: 'The game is pure: no I/O, no library, nothing of the system around it.',
      severity: 'error',
      from: { path: '^services/game/', pathNot: tests },
      to: { pathNot: '^services/game/' },
    },
    {
      name: 'services-are-apart',
      comment: 'Services meet on the bus, in platform/contract and in game. Only tests may look into another one.',
      severity: 'error',
      from: { path: `^services/(${services})/`, pathNot: tests },
      to: { path: `^services/(${services}|worker|demo|e2e)/`, pathNot: '^services/($1|game)/' },
    },
    {
      name: 'worker-is-three-services',
      comment: 'One process of evaluator, scorer and leaderboard; it composes them and adds nothing.',
      severity: 'error',
      from: { path: '^services/worker/', pathNot: tests },
      to: { path: `^services/(${services})/`, pathNot: '^services/(evaluator|scorer|leaderboard)/' },
    },
    {
      name: 'verify-states-the-rules-again',
      comment: 'What verify checks it must not import; that would compare the rules with themselves.',
      severity: 'error',
      from: { path: '^services/verify/' },
      to: { path: '^services/game/' },
    },
    {
      name: 'platform-knows-no-service',
      severity: 'error',
      from: { path: '^services/platform/', pathNot: tests },
      to: { path: '^(services/(?!platform/)|deploy/|bench/)' },
    },
    {
      name: 'services-know-no-deployment',
      comment: 'What starts servers and processes is for tests and for the demo.',
      severity: 'error',
      from: { path: `^services/(${services})/`, pathNot: tests },
      to: { path: '^(deploy|bench)/' },
    },
    {
      name: 'uwebsockets-only-in-http-and-streams',
      severity: 'error',
      from: { path: '^services/', pathNot: `^services/edge/(http|streams)/|${tests}` },
      to: { path: '(^|/)uWebSockets[.]js' },
    },
    {
      name: 'client-runs-in-browsers',
      comment: 'No package, no Node: only itself.',
      severity: 'error',
      from: { path: '^services/client/src/' },
      to: { pathNot: '^services/client/src/' },
    },
    {
      name: 'only-tests-import-tests',
      comment: 'The end-to-end programs and the benchmark share helpers with the tests.',
      severity: 'error',
      from: { pathNot: `^(services/e2e|bench)/|${tests}` },
      to: { path: tests },
    },
    {
      name: 'no-imports-of-programs',
      comment: 'A main.ts reads configuration and connects; what others need of it belongs into another module.',
      severity: 'error',
      from: {},
      to: { path: '(^|/)main[.]tsx?$' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-dead-modules',
      comment: 'No program reaches it, tests apart: delete it.',
      severity: 'error',
      from: { path: programs },
      to: { path: '^(services|deploy|bench)/', pathNot: `${programs}|${tests}|[.]d[.]ts$`, reachable: false },
    },
    {
      name: 'imports-resolve',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^@podium/client$' },
    },
    {
      name: 'declared-packages-only',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    // services/client has a package.json of its own, for what is published.
    combinedDependencies: true,
    doNotFollow: { path: 'node_modules' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    moduleSystems: ['es6'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
  },
}
