import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { findProgram } from '../../local/programs.ts'
import { serviceNames } from '../../local/stack-options.ts'
import { k8sDir, manifestsIn, templateOf } from '../../test/support/k8s.ts'

const run = promisify(execFile)
const kubectl = findProgram('kubectl')
const skip = kubectl === undefined ? 'no kubectl (only its built-in kustomize is needed)' : false

/** The documents that would be applied. */
const build = async (folder: string) => {
  const { stdout } = await run(kubectl ?? '', ['kustomize', folder], { cwd: k8sDir, timeout: 60_000 })
  return manifestsIn(stdout)
}

t.test('the base is complete: common parts reach every service, and two copies of each run', { skip }, async (t) => {
  const manifests = await build('base')
  for (const name of serviceNames) {
    const found = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)
    t.equal(found?.spec?.replicas, 2, name)
    const [container] = (found && templateOf(found))?.spec.containers ?? []
    t.ok(container?.readinessProbe, `${name} is probed`)
    t.ok(
      container?.env?.some((entry) => entry.name === 'INSTANCE'),
      `${name} has a name of its own`,
    )
    t.ok(
      container?.env?.some((entry) => entry.name === 'NATS_URL'),
      `${name} has what is its own`,
    )
    t.equal((found && templateOf(found))?.metadata.labels['app.kubernetes.io/part-of'], 'podium')
  }
})

t.test('the example: an image of its own, autoscalers that own the number of copies', { skip }, async (t) => {
  const manifests = await build('overlays/example')
  for (const manifest of manifests) {
    const { kind, metadata, spec } = manifest
    if (kind === 'Deployment') t.equal(spec?.replicas, undefined, metadata.name)
    if (kind === 'HorizontalPodAutoscaler') t.ok(spec?.minReplicas === 2, `${metadata.name} never runs alone`)
    for (const { image } of templateOf(manifest)?.spec.containers ?? []) t.match(image, /^registry\.example\/podium:/)
  }
  const scaled = manifests.flatMap(({ kind, spec }) =>
    kind === 'HorizontalPodAutoscaler' ? [spec?.scaleTargetRef?.name] : [],
  )
  t.strictSame([...scaled].sort(), [...serviceNames].sort())
})
