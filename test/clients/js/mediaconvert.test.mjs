import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { CancelJobCommand, ConflictException, CreateJobCommand, DescribeEndpointsCommand, GetJobCommand, ListJobsCommand } from '@aws-sdk/client-mediaconvert'
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { mediaConvert, s3 } from './client.mjs'

const client = mediaConvert()
const { SPOOL_CLIP, SPOOL_EXAMPLES, SPOOL_HTTP } = process.env
const example = async (name) => JSON.parse(await readFile(join(SPOOL_EXAMPLES, name, 'job.json'), 'utf8'))

/** Asks until the job has ended. */
async function ended(Id) {
  for (const end = Date.now() + 120_000; ; await pause(100)) {
    const { Job } = await client.send(new GetJobCommand({ Id }))
    if (!['SUBMITTED', 'PROGRESSING'].includes(Job.Status)) return Job
    assert.ok(Date.now() < end, `the job is still ${Job.Status}`)
  }
}

test('the endpoint is the server itself', async () => {
  const { Endpoints } = await client.send(new DescribeEndpointsCommand({}))
  assert.deepEqual(Endpoints, [{ Url: SPOOL_HTTP }])
})

test('the job of examples/frames runs as it is', async () => {
  const files = s3()
  for (const Bucket of ['ingress', 'raw-frames']) await files.send(new CreateBucketCommand({ Bucket }))
  await files.send(new PutObjectCommand({ Bucket: 'ingress', Key: 'VIDEO/video.mp4', Body: await readFile(SPOOL_CLIP) }))
  const { Job } = await client.send(new CreateJobCommand(await example('frames')))
  assert.equal(Job.Status, 'SUBMITTED')
  assert.ok(Job.CreatedAt instanceof Date && Math.abs(Date.now() - Job.CreatedAt) < 60_000, `made at ${Job.CreatedAt}`)
  const done = await ended(Job.Id)
  assert.equal(done.Status, 'COMPLETE', `${done.ErrorCode} ${done.ErrorMessage}`)
  assert.deepEqual(done.UserMetadata, { videoId: 'VIDEO', task: 'GENERATE_FRAMES' })
  assert.ok(done.Timing.FinishTime >= done.Timing.StartTime && done.Timing.StartTime >= done.Timing.SubmitTime)
  const { Contents } = await files.send(new ListObjectsV2Command({ Bucket: 'raw-frames', Prefix: 'VIDEO/' }))
  const frames = Array.from({ length: 60 }, (_, i) => `VIDEO/video.${String(i).padStart(7, '0')}.jpg`)
  assert.deepEqual(Contents.map((o) => o.Key), [...frames, 'VIDEO/video.mp4'])
  await assert.rejects(client.send(new CancelJobCommand({ Id: Job.Id })), (e) => {
    assert.ok(e instanceof ConflictException)
    assert.equal(e.message, `Job ${Job.Id} is COMPLETE: it can no longer be canceled.`)
    return true
  })
})

test('a clock that is wrong', async () => {
  const late = () => mediaConvert({ systemClockOffset: -20 * 60_000, maxAttempts: 1 })
  await assert.rejects(late().send(new ListJobsCommand({})), (e) => {
    assert.equal(e.name, 'InvalidSignatureException')
    assert.match(e.message, /^Signature expired: /)
    return true
  })
  // With the attempts that it makes by itself the SDK sets its clock by the answer.
  const { Jobs } = await mediaConvert({ systemClockOffset: -20 * 60_000 }).send(new ListJobsCommand({}))
  assert.ok(Array.isArray(Jobs))
})
