// The shapes of Spool's own API. The field names are those of the server's
// table; `?` marks what the server leaves out while it is empty.

export type VideoStatus = 'Ingest' | 'Encode' | 'Process' | 'Complete' | 'Error'
export type JobPhase = 'PROBING' | 'TRANSCODING' | 'UPLOADING'

export interface Video {
  guid: string
  startTime: string
  endTime?: string
  workflowStatus: VideoStatus
  workflowName: string
  workflowErrorAt?: string
  errorMessage?: string
  errorCode?: number
  srcBucket: string
  srcVideo: string
  srcSize: number
  srcMediainfo?: string
  srcWidth?: number
  srcHeight?: number
  destBucket?: string
  MediaConvertJobId?: string
  encodeJobId?: string
  TotalFrames?: number
  percent: number
  phase?: JobPhase
  userMetadata?: Record<string, string>
  hlsPlaylist?: string
  hlsUrl?: string
  dashUrl?: string
  cmafHlsUrl?: string
  cmafDashUrl?: string
  mssUrl?: string
  mp4Outputs?: string[]
  mp4Urls?: string[]
  thumbNails?: string[]
  thumbNailsUrls?: string[]
}

export interface VideoPage {
  videos: Video[] | null
  next?: string
}

export interface Pipeline {
  name: string
  bucket: string
  prefix?: string
  suffixes?: string[] | null
}

export interface Upload {
  url: string
  method: string
  headers?: Record<string, string>
  bucket: string
  key: string
  expires: string
}

export interface UploadRequest {
  name: string
  type: string
  size: number
  pipeline?: string
}
