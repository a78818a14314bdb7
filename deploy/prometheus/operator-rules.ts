import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse, stringify } from 'yaml'

const folder = join(import.meta.dirname, 'rules')
export const operatorRulesFile = join(import.meta.dirname, '../k8s/components/monitoring/rules.yaml')

/** The rules as the Prometheus operator wants them: one PrometheusRule for each file. */
export const operatorRules = (): string =>
  globSync('*.yaml', { cwd: folder })
    .sort()
    .map((file) => ({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: `podium-${basename(file, '.yaml')}` },
      spec: parse(readFileSync(join(folder, file), 'utf8')) as object,
    }))
    // Without aliases, which not every reader of manifests knows.
    .map((rule) => stringify(rule, { aliasDuplicateObjects: false, lineWidth: 0 }))
    .join('---\n')
    .replace(/^/, '# Made from deploy/prometheus/rules by `make gen`.\n')

if (import.meta.main) writeFileSync(operatorRulesFile, operatorRules())
