package jobapi_test

// What the story's requests are made of.
const (
	h264    = `"videoDescription":{"codecSettings":{"codec":"H_264","h264Settings":{"rateControlMode":"QVBR","maxBitrate":2000000,"sceneChangeDetect":"TRANSITION_DETECTION"}}}`
	mp4     = `"containerSettings":{"container":"MP4"}`
	toFile  = `"outputGroupSettings":{"type":"FILE_GROUP_SETTINGS","fileGroupSettings":{"destination":"s3://out/a"}}`
	groups  = `"outputGroups":[{` + toFile + `,"outputs":[{` + mp4 + `,` + h264 + `}]}]`
	whole   = `{"inputs":[{"fileInput":"s3://uploads/film.mp4","videoSelector":{}}],` + groups + `}`
	someJob = `"role":"arn:aws:iam::000000000000:role/spool","settings":` + whole
	account = "arn:aws:mediaconvert:us-east-1:000000000000:"
	escaped = "arn%3Aaws%3Amediaconvert%3Aus-east-1%3A000000000000%3A"
	noJob   = "1712252725875-defhgi"
	cert    = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
)

func story() []exchange {
	return append(append(append(queueStory(), catalogStory()...), jobStory()...), accountStory()...)
}

func queueStory() []exchange {
	return []exchange{
		{operation: "DescribeEndpoints", method: "POST", path: "endpoints", status: 200},
		{operation: "DescribeEndpoints", method: "POST", path: "endpoints", body: `{"mode":"GET_ONLY","maxResults":1}`, status: 200},
		{operation: "DescribeEndpoints", method: "POST", path: "endpoints", body: `{"mode":"NO"}`, status: 400},

		{operation: "CreateQueue", method: "POST", path: "queues", status: 201,
			body: `{"name":"cat queue","description":"for cats","concurrentJobs":3,"status":"PAUSED","tags":{"team":"cats"}}`},
		{operation: "CreateQueue", method: "POST", path: "queues", body: `{"name":"bare"}`, status: 201},
		{operation: "CreateQueue", method: "POST", path: "queues", status: 201,
			body: `{"name":"own","pricingPlan":"RESERVED","reservationPlanSettings":{"commitment":"ONE_YEAR","renewalType":"EXPIRE","reservedSlots":2}}`},
		{operation: "CreateQueue", method: "POST", path: "queues", body: `{"name":"bare"}`, status: 409},
		{operation: "CreateQueue", method: "POST", path: "queues", body: `{"name":"","status":"OFF","colour":"red"}`, status: 400},
		{operation: "CreateQueue", key: "SUBMITKEY", method: "POST", path: "queues", body: `{"name":"mine"}`, status: 403},
		{operation: "CreateQueue", method: "POST", path: "queues", body: `{`, status: 400},

		{operation: "GetQueue", method: "GET", path: "queues/Default", status: 200},
		{operation: "GetQueue", key: "READKEY", method: "GET", path: "queues/" + escaped + "queues%2Fcat%20queue", status: 200},
		{operation: "GetQueue", method: "GET", path: "queues/none", status: 404},
		{operation: "GetQueue", method: "GET", path: "queues/" + escaped + "presets%2FDefault", status: 404},

		{operation: "UpdateQueue", method: "PUT", path: "queues/cat%20queue", body: `{"status":"ACTIVE","description":"","concurrentJobs":4}`, status: 200},
		{operation: "UpdateQueue", method: "PUT", path: "queues/own", status: 200,
			body: `{"reservationPlanSettings":{"commitment":"ONE_YEAR","renewalType":"AUTO_RENEW","reservedSlots":3}}`},
		{operation: "UpdateQueue", method: "PUT", path: "queues/own", status: 400,
			body: `{"reservationPlanSettings":{"commitment":"ONE_YEAR","renewalType":"EXPIRE","reservedSlots":1}}`},
		{operation: "UpdateQueue", method: "PUT", path: "queues/cat%20queue", body: `{"name":"dog queue"}`, status: 400},
		{operation: "UpdateQueue", method: "PUT", path: "queues/none", body: `{}`, status: 404},
		{operation: "UpdateQueue", key: "READKEY", method: "PUT", path: "queues/bare", body: `{}`, status: 403},

		{operation: "ListQueues", method: "GET", path: "queues?listBy=NAME&maxResults=2", status: 200, save: "queues=nextToken"},
		{operation: "ListQueues", method: "GET", path: "queues?listBy=NAME&maxResults=2&nextToken={queues}", status: 200},
		{operation: "ListQueues", method: "GET", path: "queues?listBy=CREATION_DATE&nextToken={queues}", status: 400},
		{operation: "ListQueues", method: "GET", path: "queues?listBy=SYSTEM", status: 400},

		{operation: "DeleteQueue", method: "DELETE", path: "queues/bare", status: 202},
		{operation: "DeleteQueue", method: "DELETE", path: "queues/bare", status: 404},
		{operation: "DeleteQueue", method: "DELETE", path: "queues/own", status: 409},
		{operation: "DeleteQueue", method: "DELETE", path: "queues/Default", status: 400},
		{operation: "DeleteQueue", key: "SUBMITKEY", method: "DELETE", path: "queues/own", status: 403},
	}
}

func catalogStory() []exchange {
	const preset = `"settings":{` + mp4 + `,` + h264 + `}`
	const template = `"settings":{` + groups + `}`
	return []exchange{
		{operation: "CreatePreset", method: "POST", path: "presets", body: `{"name":"small","category":"web","description":"d","tags":{"a":"1"},` + preset + `}`, status: 201},
		{operation: "CreatePreset", method: "POST", path: "presets", body: `{"name":"plain",` + preset + `}`, status: 201},
		{operation: "CreatePreset", method: "POST", path: "presets", body: `{"name":"small",` + preset + `}`, status: 409},
		{operation: "CreatePreset", method: "POST", path: "presets", body: `{"name":"a/b","settings":{"containerSettings":{"container":"AVI"},"video":{}}}`, status: 400},
		{operation: "CreatePreset", method: "POST", path: "presets", body: `{}`, status: 400},
		{operation: "CreatePreset", key: "READKEY", method: "POST", path: "presets", body: `{}`, status: 403},
		{operation: "GetPreset", method: "GET", path: "presets/small", status: 200},
		{operation: "GetPreset", method: "GET", path: "presets/none", status: 404},
		{operation: "UpdatePreset", method: "PUT", path: "presets/small", body: `{"description":"","category":"phone"}`, status: 200},
		{operation: "UpdatePreset", method: "PUT", path: "presets/small", body: `{"name":"other"}`, status: 400},
		{operation: "UpdatePreset", method: "PUT", path: "presets/none", body: `{}`, status: 404},
		{operation: "ListPresets", method: "GET", path: "presets", status: 200},
		{operation: "ListPresets", method: "GET", path: "presets?listBy=CREATION_DATE&order=DESCENDING&maxResults=1", status: 200, save: "presets=nextToken"},
		{operation: "ListPresets", method: "GET", path: "presets?listBy=CREATION_DATE&order=DESCENDING&nextToken={presets}", status: 200},
		{operation: "ListPresets", method: "GET", path: "presets?category=phone", status: 200},
		{operation: "ListPresets", method: "GET", path: "presets?category=phone&nextToken={presets}", status: 400},
		{operation: "ListPresets", method: "GET", path: "presets?maxResults=0", status: 400},
		{operation: "DeletePreset", method: "DELETE", path: "presets/plain", status: 202},
		{operation: "DeletePreset", method: "DELETE", path: "presets/plain", status: 404},

		{operation: "CreateJobTemplate", method: "POST", path: "jobTemplates", status: 201,
			body: `{"name":"film","category":"web","description":"d","queue":"cat queue","priority":-3,"accelerationSettings":{"mode":"PREFERRED"},` +
				`"statusUpdateInterval":"SECONDS_30","hopDestinations":[{"queue":"own","waitMinutes":5,"priority":1},{"waitMinutes":9}],"tags":{"a":"1"},` + template + `}`},
		{operation: "CreateJobTemplate", method: "POST", path: "jobTemplates", body: `{"name":"plain",` + template + `}`, status: 201},
		{operation: "CreateJobTemplate", method: "POST", path: "jobTemplates", body: `{"name":"film",` + template + `}`, status: 409},
		{operation: "CreateJobTemplate", method: "POST", path: "jobTemplates", body: `{"priority":51,"settings":{"inputs":[{"fileInput":"s3://b/k"}]}}`, status: 400},
		{operation: "GetJobTemplate", method: "GET", path: "jobTemplates/" + escaped + "jobTemplates%2Ffilm", status: 200},
		{operation: "GetJobTemplate", method: "GET", path: "jobTemplates/none", status: 404},
		{operation: "UpdateJobTemplate", method: "PUT", path: "jobTemplates/film", body: `{"priority":4,"hopDestinations":[],"queue":"Default"}`, status: 200},
		{operation: "UpdateJobTemplate", method: "PUT", path: "jobTemplates/film", body: `{"tags":{}}`, status: 400},
		{operation: "ListJobTemplates", method: "GET", path: "jobTemplates?maxResults=1", status: 200, save: "templates=nextToken"},
		{operation: "ListJobTemplates", method: "GET", path: "jobTemplates?maxResults=1&nextToken={templates}", status: 200},
		{operation: "ListJobTemplates", method: "GET", path: "jobTemplates?order=UP", status: 400},
		{operation: "DeleteJobTemplate", method: "DELETE", path: "jobTemplates/plain", status: 202},
		{operation: "DeleteJobTemplate", method: "DELETE", path: "jobTemplates/plain", status: 404},
	}
}

func jobStory() []exchange {
	return []exchange{
		{operation: "CreateJob", method: "POST", path: "jobs", status: 201, save: "first=job.id",
			body: `{` + someJob + `,"queue":"cat queue","priority":7,"userMetadata":{"task":"TEST"},"clientRequestToken":"once","tags":{"a":"1"},` +
				`"jobEngineVersion":"2026-11-21","statusUpdateInterval":"SECONDS_15","billingTagsSource":"QUEUE","hopDestinations":[{"waitMinutes":60,"queue":"own"}]}`},
		{operation: "CreateJob", key: "SUBMITKEY", method: "POST", path: "jobs", body: `{` + someJob + `,"jobEngineVersion":"2026-11-20"}`, status: 201, save: "job=job.id"},
		{operation: "CreateJob", method: "POST", path: "jobs", body: `{` + someJob + `,"clientRequestToken":"once"}`, status: 201},
		{operation: "CreateJob", method: "POST", path: "jobs", body: `{"settings":{"inputs":[{"fileInput":"s3://uploads/a.mp4"}],"outputGroups":[{` + toFile + `,"outputs":[]}],"colour":1}}`, status: 400},
		{operation: "CreateJob", method: "POST", path: "jobs", body: `{` + someJob + `,"queue":"none"}`, status: 400},
		{operation: "CreateJob", method: "POST", path: "jobs", body: `{` + someJob + `,"jobEngineVersion":"1999-01-01"}`, status: 400},
		{operation: "CreateJob", key: "READKEY", method: "POST", path: "jobs", body: `{` + someJob + `}`, status: 403},

		{operation: "GetJob", key: "READKEY", method: "GET", path: "jobs/{first}", status: 200},
		{operation: "GetJob", method: "GET", path: "jobs/" + noJob, status: 404},
		{operation: "ListJobs", method: "GET", path: "jobs?maxResults=1", status: 200, save: "jobs=nextToken"},
		{operation: "ListJobs", method: "GET", path: "jobs?maxResults=1&nextToken={jobs}", status: 200},
		{operation: "ListJobs", method: "GET", path: "jobs?queue=" + escaped + "queues%2Fcat%20queue&status=SUBMITTED&order=ASCENDING", status: 200},
		{operation: "ListJobs", method: "GET", path: "jobs?status=COMPLETE", status: 200},
		{operation: "ListJobs", method: "GET", path: "jobs?status=SUBMITTED&nextToken={jobs}", status: 400},
		{operation: "ListJobs", method: "GET", path: "jobs?status=DONE", status: 400},
		{operation: "SearchJobs", method: "GET", path: "search?inputFile=film&queue=cat%20queue", status: 200},
		{operation: "SearchJobs", method: "GET", path: "search?inputFile=nothing", status: 200},
		{operation: "SearchJobs", method: "GET", path: "search?maxResults=21", status: 400},

		{operation: "StartJobsQuery", method: "POST", path: "jobsQueries", status: 201, save: "query=id",
			body: `{"maxResults":1,"order":"ASCENDING","filterList":[{"key":"queue","values":["cat queue"]},{"key":"jobEngineVersionRequested","values":["2026-11-20"]}]}`},
		{operation: "GetJobsQueryResults", method: "GET", path: "jobsQueries/{query}", status: 200, until: `"COMPLETE"`, save: "token=nextToken"},
		{operation: "StartJobsQuery", method: "POST", path: "jobsQueries", status: 201, save: "query=id",
			body: `{"order":"ASCENDING","nextToken":"{token}","filterList":[{"key":"queue","values":["cat queue"]},{"key":"jobEngineVersionRequested","values":["2026-11-20"]}]}`},
		{operation: "GetJobsQueryResults", method: "GET", path: "jobsQueries/{query}", status: 200, until: `"COMPLETE"`},
		{operation: "GetJobsQueryResults", method: "GET", path: "jobsQueries/none", status: 404},
		{operation: "StartJobsQuery", method: "POST", path: "jobsQueries", body: `{"nextToken":"{token}"}`, status: 400},
		{operation: "StartJobsQuery", method: "POST", path: "jobsQueries", body: `{"maxResults":50,"filterList":[{"key":"size","values":["1"]}]}`, status: 400},

		{operation: "CancelJob", key: "SUBMITKEY", method: "DELETE", path: "jobs/{job}", status: 202},
		{operation: "CancelJob", method: "DELETE", path: "jobs/{job}", status: 409},
		{operation: "CancelJob", method: "DELETE", path: "jobs/" + noJob, status: 404},
		{operation: "CancelJob", key: "READKEY", method: "DELETE", path: "jobs/{first}", status: 403},
		{operation: "GetJob", method: "GET", path: "jobs/{job}", status: 200},
		{operation: "DeleteQueue", method: "DELETE", path: "queues/cat%20queue", status: 409},

		{operation: "CreateResourceShare", method: "POST", path: "resourceShares", body: `{"jobId":"{job}","supportCaseId":"case-1"}`, status: 202},
		{operation: "CreateResourceShare", method: "POST", path: "resourceShares", body: `{"jobId":"` + noJob + `","supportCaseId":"case-1"}`, status: 404},
		{operation: "CreateResourceShare", method: "POST", path: "resourceShares", body: `{}`, status: 400},
		{operation: "GetJob", method: "GET", path: "jobs/{job}", status: 200},
	}
}

func accountStory() []exchange {
	return []exchange{
		{operation: "ListTagsForResource", method: "GET", path: "tags/" + escaped + "queues%2Fcat%20queue", status: 200},
		{operation: "ListTagsForResource", method: "GET", path: "tags/" + escaped + "jobs%2F{first}", status: 200},
		{operation: "ListTagsForResource", method: "GET", path: "tags/" + escaped + "presets%2Fnone", status: 404},
		{operation: "ListTagsForResource", method: "GET", path: "tags/arn%3Aaws%3Amediaconvert%3Aus-east-1%3A111122223333%3Aqueues%2FDefault", status: 404},
		{operation: "ListTagsForResource", method: "GET", path: "tags/arn%3Aaws%3As3%3A%3A%3Abucket", status: 400},
		{operation: "TagResource", method: "POST", path: "tags", body: `{"arn":"` + account + `queues/Default","tags":{"a":"1","b":"2"}}`, status: 200},
		{operation: "TagResource", method: "POST", path: "tags", body: `{"arn":"` + account + `queues/none","tags":{"a":"1"}}`, status: 404},
		{operation: "TagResource", method: "POST", path: "tags", body: `{"arn":"Default","tags":{}}`, status: 400},
		{operation: "UntagResource", method: "PUT", path: "tags/" + escaped + "queues%2FDefault", body: `{"tagKeys":["a","z"]}`, status: 200},
		{operation: "UntagResource", method: "PUT", path: "tags/" + escaped + "queues%2Fnone", body: `{"tagKeys":[]}`, status: 404},
		{operation: "ListTagsForResource", method: "GET", path: "tags/" + account + "queues/Default", status: 200},

		{operation: "GetPolicy", method: "GET", path: "policy", status: 200},
		{operation: "PutPolicy", method: "PUT", path: "policy", body: `{"policy":{"s3Inputs":"DISALLOWED"}}`, status: 200},
		{operation: "PutPolicy", method: "PUT", path: "policy", body: `{"policy":{"s3Inputs":"NEVER"}}`, status: 400},
		{operation: "CreateJob", method: "POST", path: "jobs", body: `{` + someJob + `}`, status: 400},
		{operation: "Probe", method: "POST", path: "probe", body: `{"inputFiles":[{"fileUrl":"s3://uploads/sound.wav"}]}`, status: 400},
		{operation: "GetPolicy", key: "READKEY", method: "GET", path: "policy", status: 200},
		{operation: "GetPolicy", key: "NOBODY", method: "GET", path: "policy", status: 403},
		{operation: "DeletePolicy", key: "SUBMITKEY", method: "DELETE", path: "policy", status: 403},
		{operation: "DeletePolicy", method: "DELETE", path: "policy", status: 200},

		{operation: "Probe", key: "SUBMITKEY", method: "POST", path: "probe", body: `{"inputFiles":[{"fileUrl":"s3://uploads/sound.wav"}]}`, status: 200},
		{operation: "Probe", method: "POST", path: "probe", body: `{"inputFiles":[{"fileUrl":"s3://uploads/none.wav"}]}`, status: 404},
		{operation: "Probe", method: "POST", path: "probe", body: `{"inputFiles":[{"fileUrl":"s3://uploads/text.txt"}]}`, status: 400},
		{operation: "Probe", method: "POST", path: "probe", body: `{"inputFiles":[{"fileUrl":"http://127.0.0.1:1/a.mp4"}]}`, status: 403},
		{operation: "Probe", method: "POST", path: "probe", body: `{"inputFiles":[{"fileUrl":"file:///etc/passwd"}]}`, status: 400},

		{operation: "AssociateCertificate", method: "POST", path: "certificates", body: `{"arn":"` + cert + `"}`, status: 201},
		{operation: "AssociateCertificate", method: "POST", path: "certificates", body: `{"arn":"x"}`, status: 400},
		{operation: "DisassociateCertificate", method: "DELETE", path: "certificates/" + cert, status: 202},
		{operation: "DisassociateCertificate", method: "DELETE", path: "certificates/" + cert, status: 404},

		{operation: "ListVersions", method: "GET", path: "versions", status: 200},
		{operation: "ListVersions", method: "GET", path: "versions?nextToken=abc", status: 400},
	}
}
