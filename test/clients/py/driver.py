"""Calls MediaConvert as a test asks: through boto3, or through the AWS CLI.

Each line of the input is one call in JSON; each line of the output is what came
of it, as the client gives it. See driver_test.go for both.

    driver.py boto3
    driver.py aws PATH
"""

import contextlib
import datetime
import io
import json
import os
import re
import subprocess
import sys

ENDPOINT = os.environ["SPOOL_HTTP"]


def plain(value):
    """Gives a time as text; what a client left a number stays one."""
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} is nothing that JSON has")


class Boto3:
    def __init__(self):
        import boto3
        from botocore import UNSIGNED, xform_name
        from botocore.config import Config

        self.boto3, self.xform_name = boto3, xform_name
        self.once, self.unsigned = Config(retries={"max_attempts": 0}), Config(signature_version=UNSIGNED)
        self.clients = {}

    def client(self, keys):
        place = json.dumps(keys)
        if place not in self.clients:
            signed = {}
            if keys:
                signed = {"aws_access_key_id": keys["access"], "aws_secret_access_key": keys["secret"], "aws_session_token": keys.get("token")}
            config = self.once if keys else self.once.merge(self.unsigned)
            self.clients[place] = self.boto3.client("mediaconvert", endpoint_url=ENDPOINT, config=config, **signed)
        return self.clients[place]

    def hello(self):
        client = self.client(None)
        names = client.meta.service_model.operation_names
        pages = [n for n in names if client.can_paginate(self.xform_name(n))]
        return {"client": "boto3 " + self.boto3.__version__, "operations": list(names), "paginators": pages}

    def call(self, operation, given, keys):
        return self.tried(keys, lambda client: self.answer(getattr(client, self.xform_name(operation))(**given)))

    def pages(self, operation, given, keys, size):
        def walk(client):
            found = client.get_paginator(self.xform_name(operation)).paginate(**given, PaginationConfig={"PageSize": size})
            return {"pages": [self.answer(page)["output"] for page in found], "status": 200}

        return self.tried(keys, walk)

    @staticmethod
    def answer(output):
        status = output.pop("ResponseMetadata")["HTTPStatusCode"]
        return {"output": output, "status": status}

    def tried(self, keys, call):
        from botocore.exceptions import ClientError, ParamValidationError

        client = self.client(keys)
        try:
            return call(client)
        except ParamValidationError as error:
            return {"error": {"code": "ParamValidation", "message": str(error)}}
        except ClientError as error:
            said = error.response
            code = said["Error"]["Code"]
            kind = getattr(client.exceptions, code, None)
            return {
                "error": {"code": code, "message": said["Error"]["Message"], "typed": kind is not None and isinstance(error, kind)},
                "status": said["ResponseMetadata"]["HTTPStatusCode"],
            }


class CLI:
    """Runs aws in this process where its modules are here: starting it anew for
    each call takes a hundred times as long as the call."""

    said = re.compile(r"An error occurred \((\w+)\) when calling the (\w+) operation(?: \(reached max retries: \d+\))?: (.*)", re.DOTALL)

    def __init__(self, path):
        self.path, self.drivers = path, {}
        try:
            from awscli.clidriver import create_clidriver

            self.create = create_clidriver
        except ImportError:
            self.create = None

    def hello(self):
        _, out, _ = self.run({"access": "x", "secret": "x"}, ["--version"])
        try:
            from awscli.botocore import session
        except ImportError:
            try:
                from botocore import session
            except ImportError:
                return {"client": out.split(" ")[0], "operations": [], "paginators": []}
        names = session.Session().get_service_model("mediaconvert").operation_names
        pages = session.Session().get_component("data_loader").load_service_model("mediaconvert", "paginators-1")["pagination"]
        return {"client": out.split(" ")[0], "operations": list(names), "paginators": list(pages)}

    def call(self, operation, given, keys):
        code, out, problem = self.run(keys, self.words(operation, given))
        return self.told(code, out, problem, lambda found: {"output": found})

    def pages(self, operation, given, keys, size):
        """The CLI joins the pages, and gives them as one."""
        code, out, problem = self.run(keys, self.words(operation, given) + ["--page-size", str(size)])
        return self.told(code, out, problem, lambda found: {"pages": [found]})

    @staticmethod
    def words(operation, given):
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", operation).lower()
        # Without --no-paginate the CLI asks for all pages and hides the token.
        return ["mediaconvert", name, "--cli-input-json", json.dumps(given)]

    def told(self, code, out, problem, good):
        if code == 0:
            return good(json.loads(out) if out.strip() else {})
        if found := self.said.search(problem.strip()):
            return {"error": {"code": found[1], "message": found[3], "typed": True}}
        if "arameter validation failed" in problem or "Unknown parameter" in problem:
            return {"error": {"code": "ParamValidation", "message": problem}}
        raise RuntimeError(f"aws ends with {code}: {problem}")

    def run(self, keys, words):
        os.environ.pop("AWS_SESSION_TOKEN", None)
        if keys:
            os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"] = keys["access"], keys["secret"]
            if keys.get("token"):
                os.environ["AWS_SESSION_TOKEN"] = keys["token"]
        words = ["--endpoint-url", ENDPOINT] + ([] if keys else ["--no-sign-request"]) + words
        if self.create is None:
            done = subprocess.run([self.path, *words], capture_output=True, text=True, check=False)
            return done.returncode, done.stdout, done.stderr
        place = json.dumps(keys)
        if place not in self.drivers:
            self.drivers[place] = self.create()
        out, problem = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(problem):
            try:
                code = self.drivers[place].main(words)
            except SystemExit as ended:  # --version, and what its parser of words refuses
                code = ended.code
        texts = []
        for stream in (out, problem):
            stream.flush()
            texts.append(stream.buffer.getvalue().decode("utf-8"))
        return code, *texts


def main():
    client = Boto3() if sys.argv[1] == "boto3" else CLI(sys.argv[2])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in sys.stdin:
        ask = json.loads(line)
        try:
            if ask["do"] == "hello":
                answer = client.hello()
            elif ask["do"] == "pages":
                answer = client.pages(ask["operation"], ask["input"], ask.get("keys"), ask["size"])
            else:
                answer = client.call(ask["operation"], ask["input"], ask.get("keys"))
        except Exception as error:  # what the client itself can't take is a result too
            answer = {"error": {"code": "Client", "message": f"{type(error).__name__}: {error}"}}
        print(json.dumps(answer, default=plain), file=answers, flush=True)


main()
