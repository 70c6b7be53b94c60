"""boto3 as a client of Spool: S3 and MediaConvert, with the job of examples/cattube."""

import json
import os
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

EXAMPLES, CLIP = os.environ["SPOOL_EXAMPLES"], os.environ["SPOOL_CLIP"]
s3 = boto3.client("s3", endpoint_url=os.environ["SPOOL_S3"], config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
# As programs do that were written when each account had an address of its own.
account = boto3.client("mediaconvert", endpoint_url=os.environ["SPOOL_HTTP"]).describe_endpoints(MaxResults=1)["Endpoints"][0]["Url"]
mediaconvert = boto3.client("mediaconvert", endpoint_url=account)


def refused(kind, call, **arguments):
    """Demands that a call fails with an error of this type, and gives its message."""
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == kind, error
        return error.response["Error"]["Message"]
    raise AssertionError(f"{arguments} is not refused with {kind}")


def files():
    s3.create_bucket(Bucket="py-files")
    s3.get_waiter("bucket_exists").wait(Bucket="py-files")
    key = "été — 東京 & co (1)+ %41.mov"
    s3.upload_file(CLIP, "py-files", key, ExtraArgs={"Metadata": {"clip": "7"}})
    head = s3.head_object(Bucket="py-files", Key=key)
    assert head["ContentLength"] == os.path.getsize(CLIP) and head["Metadata"] == {"clip": "7"}, head
    link = s3.generate_presigned_url("get_object", Params={"Bucket": "py-files", "Key": key}, ExpiresIn=60)
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in link, link
    with urllib.request.urlopen(link) as answer, open(CLIP, "rb") as clip:
        assert answer.read() == clip.read()
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="py-files")
    assert [o["Key"] for page in pages for o in page.get("Contents", [])] == [key]
    s3.delete_object(Bucket="py-files", Key=key)
    s3.get_waiter("object_not_exists").wait(Bucket="py-files", Key=key)
    refused("NoSuchKey", s3.get_object, Bucket="py-files", Key=key)


def example():
    for bucket in ("cattube-source", "cattube-destination"):
        s3.create_bucket(Bucket=bucket)
    s3.upload_file(CLIP, "cattube-source", "object.mp4")
    with open(os.path.join(EXAMPLES, "cattube", "job.json"), encoding="utf-8") as document:
        request = json.load(document)
    refused("BadRequestException", mediaconvert.create_job, **request)  # the queue is not there yet
    mediaconvert.create_queue(Name="catqueue")
    job = mediaconvert.create_job(**request)["Job"]
    end = time.monotonic() + 120
    while job["Status"] in ("SUBMITTED", "PROGRESSING"):
        assert time.monotonic() < end, job["Status"]
        time.sleep(0.1)
        job = mediaconvert.get_job(Id=job["Id"])["Job"]
    assert job["Status"] == "COMPLETE", (job.get("ErrorCode"), job.get("ErrorMessage"))
    sizes = [o["VideoDetails"] for o in job["OutputGroupDetails"][0]["OutputDetails"]]
    assert sizes == [{"WidthInPx": 192, "HeightInPx": 108}, {"WidthInPx": 256, "HeightInPx": 144}], sizes
    made = [o["Key"] for o in s3.list_objects_v2(Bucket="cattube-destination")["Contents"]]
    assert made == ["object-hd.mp4", "object-sd.mp4"], made
    pages = mediaconvert.get_paginator("list_jobs").paginate(Queue="catqueue", PaginationConfig={"PageSize": 1})
    assert [j["Id"] for page in pages for j in page["Jobs"]] == [job["Id"]]
    message = refused("ConflictException", mediaconvert.cancel_job, Id=job["Id"])
    assert message == f"Job {job['Id']} is COMPLETE: it can no longer be canceled.", message


def links():
    """A request that is signed in its address does what one does that is signed in its header."""
    link = mediaconvert.generate_presigned_url("get_queue", Params={"Name": "Default"}, ExpiresIn=60)
    assert "X-Amz-Signature=" in link, link
    with urllib.request.urlopen(link) as answer:
        assert json.load(answer)["queue"]["name"] == "Default"
    try:
        urllib.request.urlopen(link.replace("queues/Default", "queues/catqueue"))
        raise AssertionError("a link opens another queue")
    except urllib.error.HTTPError as error:
        assert error.code == 403 and error.headers["x-amzn-ErrorType"] == "InvalidSignatureException", (error, error.headers)


files()
example()
links()
