import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { projectRoot } from '../../local/paths.ts'

type KeyRef = { readonly name: string; readonly key: string }

export interface EnvironmentEntry {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly secretKeyRef?: KeyRef; readonly configMapKeyRef?: KeyRef; readonly fieldRef?: object }
}

type Probe = { readonly httpGet: { readonly path: string; readonly port: string } }

export interface Container {
  readonly name: string
  readonly image: string
  readonly args?: readonly string[]
  readonly env?: readonly EnvironmentEntry[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly livenessProbe?: Probe
  readonly readinessProbe?: Probe
  readonly startupProbe?: Probe
  readonly resources?: {
    readonly requests?: object
    readonly limits?: { readonly cpu?: string; readonly memory?: string }
  }
  readonly securityContext?: Readonly<Record<string, unknown>>
  readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds: number } } }
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
}

export interface PodSpec {
  readonly containers: readonly Container[]
  readonly volumes?: readonly { readonly name: string }[]
  readonly securityContext?: { readonly runAsNonRoot?: boolean; readonly seccompProfile?: { readonly type: string } }
  readonly automountServiceAccountToken?: boolean
  readonly terminationGracePeriodSeconds?: number
}

type Labels = Readonly<Record<string, string>>
type Template = { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec }
type Peer = { readonly podSelector?: { readonly matchLabels?: Labels }; readonly ipBlock?: { readonly cidr: string } }

export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Labels }
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: {
    readonly replicas?: number
    readonly selector?: { readonly matchLabels: Labels }
    readonly template?: Template
    readonly jobTemplate?: { readonly spec: { readonly template: Template } }
    readonly podSelector?: { readonly matchLabels?: Labels }
    readonly egress?: readonly { readonly to: readonly Peer[]; readonly ports: readonly { readonly port: number }[] }[]
    readonly scaleTargetRef?: { readonly name: string }
    readonly minReplicas?: number
  }
}

export const k8sDir = join(projectRoot, 'deploy/k8s')

/** Every document of every file, with the file. Throws when one is not YAML. */
export const readManifests = (folder: string): readonly { readonly file: string; readonly manifest: Manifest }[] =>
  globSync('**/*.yaml', { cwd: join(k8sDir, folder) }).flatMap((file) =>
    manifestsIn(readFileSync(join(k8sDir, folder, file), 'utf8')).map((manifest) => ({ file, manifest })),
  )

export const manifestsIn = (text: string): readonly Manifest[] =>
  parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]
    return document.toJS() as Manifest
  })

/** The pods that a Deployment, a Job or a CronJob makes. */
export const templateOf = ({ spec }: Manifest): Template | undefined =>
  spec?.template ?? spec?.jobTemplate?.spec.template
