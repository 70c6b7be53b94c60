// What the tests share: clients set up for the server that the environment names.
import { MediaConvertClient } from '@aws-sdk/client-mediaconvert'
import { S3Client } from '@aws-sdk/client-s3'

const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, SPOOL_HTTP, SPOOL_S3 } = process.env
const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY }

export const s3 = (options = {}) => new S3Client({ region: AWS_REGION, endpoint: SPOOL_S3, forcePathStyle: true, credentials, ...options })

export const mediaConvert = (options = {}) => new MediaConvertClient({ region: AWS_REGION, endpoint: SPOOL_HTTP, credentials, ...options })

/** Keys that need care in URLs, XML or file systems, as S3 sorts them. */
export const awkward = ['-lead.mp4', '100% [a] {b}.mp4', 'a & b = c?.mp4', 'it\'s "q".mp4', 'my (final)+1.mp4', 'x/#1 %41.mp4', 'été — 東京.mov']
