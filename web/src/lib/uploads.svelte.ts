import AwsS3 from '@uppy/aws-s3'
import Uppy, { type Body, type Meta } from '@uppy/core'
import { createUpload } from './api'
import type { Upload, Video } from './types'
import { uploadErrorWords } from './words'

/** One file on its way into a bucket. */
export interface UploadItem {
  id: string
  name: string
  size: number
  /** bytes that the server took so far */
  sent: number
  state: 'waiting' | 'sending' | 'sent' | 'failed'
  error: string
}

/**
 * Sends files straight to the S3 door: for each file the server is asked for a
 * presigned PUT, Uppy does the rest (progress, retries, waiting while offline).
 */
class Uploads {
  items = $state.raw<UploadItem[]>([])
  problem = $state('')
  /** Name of the pipeline to upload for; empty lets the server choose. */
  pipeline = $state('')

  #targets = new Map<string, Upload>()
  #uppy = new Uppy<Meta, Body>({ autoProceed: true })

  constructor() {
    this.#uppy
      .use(AwsS3<Meta, Body>, {
        limit: 3,
        // The server signs single PUTs; S3 takes up to 5 GiB in one.
        shouldUseMultipart: false,
        // The server picks the key. The file's id stands in for it until then.
        generateObjectKey: (file) => file.id,
        signRequest: async ({ key: id }) => {
          const file = this.#uppy.getFile(id)
          const target = await createUpload({
            name: file.name,
            type: file.type || 'application/octet-stream',
            size: file.size ?? 0,
            ...(file.meta.pipeline ? { pipeline: String(file.meta.pipeline) } : {}),
          })
          this.#targets.set(id, target)
          return { url: target.url, key: target.key, headers: target.headers ?? {} }
        },
      })
      .on('state-update', () => this.#sync())
  }

  add(files: Iterable<File>): void {
    this.problem = ''
    for (const file of files) {
      try {
        this.#uppy.addFile({
          name: file.name,
          type: file.type,
          data: file,
          source: 'page',
          meta: { pipeline: this.pipeline },
        })
      } catch (e) {
        this.problem = e instanceof Error ? e.message : String(e)
      }
    }
  }

  /** Stops an upload, or takes a finished one off the list. */
  remove(id: string): void {
    this.#targets.delete(id)
    this.#uppy.removeFile(id)
  }

  retry(id: string): void {
    void this.#uppy.retryUpload(id)
  }

  /** Takes sent files off the list once their videos are in the other list. */
  settle(videos: readonly Video[]): void {
    for (const item of this.items) {
      if (item.state !== 'sent') continue
      const target = this.#targets.get(item.id)
      if (target && videos.some((v) => v.srcBucket === target.bucket && v.srcVideo === target.key)) this.remove(item.id)
    }
  }

  get busy(): boolean {
    return this.items.some((item) => item.state === 'waiting' || item.state === 'sending')
  }

  #sync(): void {
    this.items = this.#uppy.getFiles().map((file): UploadItem => {
      const { progress } = file
      const size = file.size ?? 0
      const sent = Number(progress.bytesUploaded) || 0
      const state = file.error ? 'failed' : progress.uploadComplete ? 'sent' : progress.uploadStarted ? 'sending' : 'waiting'
      return { id: file.id, name: file.name, size, sent: Math.min(sent, size), state, error: uploadErrorWords(file.error ?? '') }
    })
  }
}

export const uploads = new Uploads()
