import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../programs.ts'
import { unpackDebianPackage } from './debian-package.ts'

/** What the pages of Debian's Prometheus load; its web folder has links to them. */
const ofItsPages = [
  'libjs-jquery',
  'libjs-popper.js',
  'libjs-bootstrap4',
  'libjs-eonasdan-bootstrap-datetimepicker',
  'libjs-jquery-hotkeys',
  'libjs-moment',
  'libjs-moment-timezone',
  'libjs-mustache',
  'libjs-rickshaw',
  'libjs-d3',
  'fonts-glyphicons-halflings',
]

export interface PrometheusProgram {
  readonly file: string
  /** For `prometheus` alone: where it finds its own pages. */
  readonly args: readonly string[]
}

/**
 * The installed program, else that of Debian's package, which is only unpacked.
 * @throws Error with the reason where neither is to be had.
 */
export const findPrometheus = async (program: 'prometheus' | 'promtool'): Promise<PrometheusProgram> => {
  const installed = findProgram(program)
  if (installed !== undefined) return { file: installed, args: [] }
  const folder = await unpackDebianPackage('prometheus', ofItsPages)
  const assets = join(folder, 'usr/share/prometheus/web/')
  const args = program === 'prometheus' && existsSync(assets) ? [`--web.local-assets=${assets}`] : []
  return { file: join(folder, 'usr/bin', program), args }
}
