import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import {
  BadRequestException,
  CancelJobCommand,
  ConflictException,
  CreateJobCommand,
  CreateQueueCommand,
  DescribeEndpointsCommand,
  GetJobCommand,
  GetQueueCommand,
  ListJobsCommand,
  NotFoundException,
  paginateListJobs,
  paginateListQueues,
} from '@aws-sdk/client-mediaconvert'
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

test('queues, tokens, pages and cancel', async () => {
  const { Queue } = await client.send(new CreateQueueCommand({ Name: 'js held', Status: 'PAUSED' }))
  const request = { ...(await example('frames')), Queue: Queue.Arn }
  const made = []
  for (let i = 0; i < 3; i++) {
    const command = () => new CreateJobCommand({ ...request, ClientRequestToken: `js-${i}` })
    const { Job } = await client.send(command())
    assert.equal((await client.send(command())).Job.Id, Job.Id, 'the same token gives the same job')
    made.unshift(Job.Id)
  }
  const listed = []
  for await (const page of paginateListJobs({ client, pageSize: 2 }, { Queue: 'js held', Status: 'SUBMITTED' })) listed.push(...page.Jobs.map((j) => j.Id))
  assert.deepEqual(listed, made)
  await client.send(new CancelJobCommand({ Id: made[0] }))
  assert.equal((await client.send(new GetJobCommand({ Id: made[0] }))).Job.Status, 'CANCELED')
  const counted = (await client.send(new GetQueueCommand({ Name: 'js held' }))).Queue
  assert.equal(counted.SubmittedJobsCount, 2)
  assert.equal(counted.Status, 'PAUSED')
  const names = []
  for await (const page of paginateListQueues({ client, pageSize: 1 }, { ListBy: 'NAME' })) names.push(...page.Queues.map((q) => q.Name))
  assert.ok(names.includes('Default') && names.includes('js held'), names.join())
})

test('typed errors', async () => {
  const Id = '1712252725875-defhgi'
  await assert.rejects(client.send(new GetJobCommand({ Id })), (e) => e instanceof NotFoundException && e.$metadata.httpStatusCode === 404)
  await assert.rejects(client.send(new CancelJobCommand({ Id })), NotFoundException)
  await assert.rejects(client.send(new GetQueueCommand({ Name: 'nowhere' })), NotFoundException)
  await assert.rejects(client.send(new CreateQueueCommand({ Name: 'Default' })), ConflictException)
  const wrong = await example('frames')
  wrong.Settings.OutputGroups[0].Outputs[1].VideoDescription.CodecSettings.FrameCaptureSettings.Quality = 101
  await assert.rejects(client.send(new CreateJobCommand(wrong)), (e) => {
    assert.ok(e instanceof BadRequestException)
    assert.equal(
      e.message,
      '/outputGroups/0/outputs/1/videoDescription/codecSettings/frameCaptureSettings/quality: Should be less than or equal to 100',
    )
    return true
  })
  const stranger = mediaConvert({ credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: 'wrong' } })
  await assert.rejects(stranger.send(new ListJobsCommand({})), { name: 'InvalidSignatureException' })
})
