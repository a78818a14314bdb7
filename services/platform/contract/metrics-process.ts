import { type MetricSpec, SHORT_SECONDS } from './metric-spec.ts'

/** What every process says about itself. */
export const processMetrics = {
  buildInfo: {
    name: 'podium.build.info',
    type: 'gauge',
    unit: '',
    description: '1; what runs is in the attributes',
    attributes: ['service', 'version', 'commit', 'node'],
  },
  uptime: { name: 'process.uptime', type: 'gauge', unit: 's', description: 'Time since the process started' },
  cpuTime: {
    name: 'process.cpu.time',
    type: 'counter',
    unit: 's',
    description: 'CPU time of the process',
    attributes: ['cpu.mode'],
  },
  memoryUsage: { name: 'process.memory.usage', type: 'gauge', unit: 'By', description: 'Resident memory' },
  heapUsed: {
    name: 'v8js.memory.heap.used',
    type: 'gauge',
    unit: 'By',
    description: 'Used heap by heap space',
    attributes: ['v8js.heap.space.name'],
  },
  gcDuration: {
    name: 'v8js.gc.duration',
    type: 'histogram',
    unit: 's',
    description: 'Garbage collections by kind',
    attributes: ['v8js.gc.type'],
    bounds: SHORT_SECONDS,
  },
  loopDelayMean: {
    name: 'nodejs.eventloop.delay.mean',
    type: 'gauge',
    unit: 's',
    description: 'Mean delay of the event loop in the last ten seconds',
  },
  loopDelayP99: {
    name: 'nodejs.eventloop.delay.p99',
    type: 'gauge',
    unit: 's',
    description: '99th percentile of the delay of the event loop in the last ten seconds',
  },
  loopDelayMax: {
    name: 'nodejs.eventloop.delay.max',
    type: 'gauge',
    unit: 's',
    description: 'Longest delay of the event loop in the last ten seconds',
  },
  loopUtilization: {
    name: 'nodejs.eventloop.utilization',
    type: 'gauge',
    unit: '1',
    description: 'Share of time in which the event loop was busy in the last ten seconds',
  },
  ready: {
    name: 'podium.ready',
    type: 'gauge',
    unit: '',
    description: '1 between start and stop',
  },
  logRecords: {
    name: 'podium.log.records',
    type: 'counter',
    unit: '{record}',
    description: 'Log lines at warn and above by level',
    attributes: ['level'],
  },
  reportsDropped: {
    name: 'podium.error_reports.dropped',
    type: 'counter',
    unit: '{report}',
    description: 'Errors that the error tracker did not take, or that there were too many of',
  },
  spansDropped: {
    name: 'podium.trace.dropped',
    type: 'counter',
    unit: '{span}',
    description: 'Sampled spans that were not sent because the exporter was too slow or unavailable',
  },
} as const satisfies Record<string, MetricSpec>
