import { createUpload } from './api'
import type { Pipeline } from './types'

/** A word as a POSIX shell reads it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** The S3 endpoint of a presigned path-style address. */
export function endpointOf(url: string, bucket: string): string {
  const { origin, pathname } = new URL(url)
  const at = pathname.indexOf(`/${bucket}/`)
  return origin + (at > 0 ? pathname.slice(0, at) : '')
}

/**
 * The AWS CLI command that uploads a clip for a pipeline. Only a permit to
 * upload tells where the S3 door is; asking for one changes nothing.
 */
export async function uploadCommand(pipeline: Pipeline): Promise<string> {
  const file = `clip${pipeline.suffixes?.[0] ?? '.mp4'}`
  const permit = await createUpload({ name: file, type: 'video/mp4', size: 0, pipeline: pipeline.name })
  const target = `s3://${pipeline.bucket}/${pipeline.prefix ?? ''}`
  return `aws --endpoint-url ${shellWord(endpointOf(permit.url, permit.bucket))} s3 cp ${shellWord(file)} ${shellWord(target)}`
}
