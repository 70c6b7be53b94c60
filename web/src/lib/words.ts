import type { Video, VideoStatus } from './types'

/** The states in which nothing more will happen. */
export const settled = (status: VideoStatus): boolean => status === 'Complete' || status === 'Error'

/** What a video is at, in words. */
export function statusWords(v: Video): string {
  switch (v.workflowStatus) {
    case 'Ingest':
      return 'Waiting for its turn'
    case 'Encode':
      if (v.phase === 'PROBING') return 'Reading the file'
      if (v.phase === 'UPLOADING') return 'Publishing'
      return v.phase === 'TRANSCODING' ? 'Encoding' : 'Waiting for its turn'
    case 'Process':
      return 'Processing frames'
    case 'Complete':
      return 'Complete'
    case 'Error':
      return 'Failed'
    default:
      return v.workflowStatus
  }
}

/** Why a video failed, in one or two sentences; empty when it did not. */
export function errorWords(v: Video): string {
  if (v.workflowStatus !== 'Error') return ''
  const message = v.errorMessage?.trim() || 'It failed without giving a reason; see the log of the server.'
  return v.errorCode ? `${message} (code ${v.errorCode})` : message
}

/** The state as a tone for colours. */
export function tone(status: VideoStatus): 'good' | 'bad' | 'busy' {
  if (status === 'Complete') return 'good'
  return status === 'Error' ? 'bad' : 'busy'
}
