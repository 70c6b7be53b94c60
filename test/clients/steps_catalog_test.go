package clients

// presetSettings are small but whole: an output needs nothing more.
const presetSettings = `{"ContainerSettings": {"Container": "MP4"},
  "VideoDescription": {"Width": 192, "Height": 108, "CodecSettings": {"Codec": "H_264", "H264Settings": {"RateControlMode": "QVBR", "MaxBitrate": 300000}}},
  "AudioDescriptions": [{"CodecSettings": {"Codec": "AAC", "AacSettings": {"Bitrate": 96000, "CodingMode": "CODING_MODE_2_0", "SampleRate": 48000}}}]}`

// templateSettings have one group with one output of the preset "mp4 small".
const templateSettings = `{"Inputs": [{"TimecodeSource": "ZEROBASED", "AudioSelectors": {"Audio Selector 1": {"DefaultSelection": "DEFAULT"}}, "VideoSelector": {}}],
  "OutputGroups": [{"Name": "files", "OutputGroupSettings": {"Type": "FILE_GROUP_SETTINGS", "FileGroupSettings": {"Destination": "s3://media/template/"}},
    "Outputs": [{"Preset": "mp4 small", "NameModifier": "_small"}]}]}`

var presetSteps = []step{
	ok("CreatePreset", "with tags", `{"Name": "mp4 small", "Category": "files", "Description": "a small one", "Settings": ${presetSettings}, "Tags": {"team": "video"}}`,
		`{"Preset": {"Name": "mp4 small", "Category": "files", "Description": "a small one", "Type": "CUSTOM", "CreatedAt": "~time", "LastUpdated": "~time",
		  "Arn": "~is arn:aws:mediaconvert:us-east-1:[0-9]{12}:presets/mp4 small", "Settings": {"VideoDescription": {"Width": 192, "CodecSettings": {"Codec": "H_264"}}}}}`).keep("preset=Preset.Arn"),
	ok("CreatePreset", "with nothing but settings", `{"Name": "Überblick 東京 (100)", "Settings": ${presetSettings}}`, `{"Preset": {"Type": "CUSTOM"}}`),
	ok("CreatePreset", "of the same category", `{"Name": "a file", "Category": "files", "Settings": ${presetSettings}}`, `{"Preset": {"Category": "files"}}`),
	no("CreatePreset", "the name is taken", `{"Name": "mp4 small", "Settings": ${presetSettings}}`, conflict, `A preset named "mp4 small" exists already.`),
	no("CreatePreset", "wrong settings, all at once", `{"Name": "wrong", "Settings": {"ContainerSettings": {"Container": "MP5"}, "VideoDescription": {"CodecSettings": {"Codec": "H_264",
		"H264Settings": {"RateControlMode": "QVBR", "HrdBufferInitialFillPercentage": 101}}}}}`, badRequest, `~/videoDescription/codecSettings/h264Settings/hrdBufferInitialFillPercentage: Should be less than or equal to 100`),
	ok("GetPreset", "by name", `{"Name": "Überblick 東京 (100)"}`, `{"Preset": {"Name": "Überblick 東京 (100)", "Settings": {"ContainerSettings": {"Container": "MP4"}}}}`),
	ok("GetPreset", "by its ARN", `{"Name": "${preset}"}`, `{"Preset": {"Name": "mp4 small"}}`),
	ok("GetPreset", "one of the system's", `{"Name": "System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps"}`,
		`{"Preset": {"Type": "SYSTEM", "Settings": {"ContainerSettings": {"Container": "M3U8"}, "VideoDescription": {"Width": 1280, "Height": 720}}}}`),
	no("GetPreset", "there is none", `{"Name": "nowhere"}`, notFound, `There is no preset "nowhere".`),
	ok("ListTagsForResource", "of a preset", `{"Arn": "${preset}"}`, `{"ResourceTags": {"Tags": {"team": "video"}}}`),

	ok("UpdatePreset", "only what is given", `{"Name": "mp4 small", "Description": "changed"}`,
		`{"Preset": {"Description": "changed", "Category": "files", "Settings": {"VideoDescription": {"Width": 192}}, "LastUpdated": "~time"}}`),
	ok("UpdatePreset", "its settings as a whole", `{"Name": "a file", "Settings": {"ContainerSettings": {"Container": "MP4"}}}`,
		`{"Preset": {"Category": "files", "Settings": {"ContainerSettings": {"Container": "MP4"}, "VideoDescription": "~absent"}}}`),
	no("UpdatePreset", "there is none", `{"Name": "nowhere", "Description": "x"}`, notFound, `There is no preset "nowhere".`),
	no("UpdatePreset", "wrong settings", `{"Name": "a file", "Settings": {"ContainerSettings": {"Container": "MP5"}}}`, badRequest, `~/containerSettings/container: Should be equal to one of the allowed values in [`),
	no("UpdatePreset", "one of the system's", `{"Name": "System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps", "Description": "x"}`, badRequest, `"System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps" is a SYSTEM preset: it can be neither changed nor deleted. Make one of your own with its settings and change that.`),

	ok("ListPresets", "by name", ``, `{"Presets": [{"Name": "a file"}, {"Name": "mp4 small"}, {"Name": "Überblick 東京 (100)"}], "NextToken": "~absent"}`),
	ok("ListPresets", "newest first", `{"ListBy": "CREATION_DATE", "Order": "DESCENDING"}`, `{"Presets": [{"Name": "a file"}, {"Name": "Überblick 東京 (100)"}, {"Name": "mp4 small"}]}`),
	ok("ListPresets", "of a category", `{"Category": "files"}`, `{"Presets": [{"Name": "a file"}, {"Name": "mp4 small"}]}`),
	ok("ListPresets", "of no category", `{"Category": "file"}`, `{"Presets": []}`),
	ok("ListPresets", "those of the system", `{"ListBy": "SYSTEM"}`, `{"Presets": "~has {\"Type\": \"SYSTEM\"}"}`),
	paged("ListPresets", "in pages of one", ``, 1, "Presets", `["a file", "mp4 small", "Überblick 東京 (100)"]`),
	paged("ListPresets", "in pages of two, by creation", `{"ListBy": "CREATION_DATE"}`, 2, "Presets", `["mp4 small", "Überblick 東京 (100)", "a file"]`),
	paged("ListPresets", "in the largest pages", `{"Category": "files"}`, 20, "Presets", `["a file", "mp4 small"]`),
	no("ListPresets", "too many", `{"MaxResults": 21}`, badRequest, `/maxResults: "21" is not a number from 1 to 20.`),
	no("ListPresets", "a list of what", `{"ListBy": "SIZE"}`, badRequest, `/listBy: Should be equal to one of the allowed values in ["NAME","CREATION_DATE","SYSTEM"]`),
	no("ListPresets", "a token of nobody's", `{"NextToken": "x"}`, badRequest, `/nextToken: it is not the token of a page of this list; begin again without it.`),

	ok("DeletePreset", "by name", `{"Name": "Überblick 東京 (100)"}`, ``),
	no("DeletePreset", "it is gone", `{"Name": "Überblick 東京 (100)"}`, notFound, `There is no preset "Überblick 東京 (100)".`),
	no("DeletePreset", "one of the system's", `{"Name": "System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps"}`, badRequest, `"System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps" is a SYSTEM preset: it can be neither changed nor deleted. Make one of your own with its settings and change that.`),
}

var templateSteps = []step{
	ok("CreateJobTemplate", "with all there is", `{"Name": "to file", "Category": "files", "Description": "one small file", "Settings": ${templateSettings}, "Tags": {"team": "video"},
		"Priority": 7, "Queue": "plain", "AccelerationSettings": {"Mode": "DISABLED"}, "StatusUpdateInterval": "SECONDS_20",
		"HopDestinations": [{"Queue": "${Default}", "WaitMinutes": 30, "Priority": -3}]}`,
		`{"JobTemplate": {"Name": "to file", "Category": "files", "Description": "one small file", "Type": "CUSTOM", "CreatedAt": "~time", "LastUpdated": "~time", "Priority": 7, "Queue": "${plain}",
		  "AccelerationSettings": {"Mode": "DISABLED"}, "StatusUpdateInterval": "SECONDS_20", "HopDestinations": [{"Queue": "${Default}", "WaitMinutes": 30, "Priority": -3}],
		  "Arn": "~is arn:aws:mediaconvert:us-east-1:[0-9]{12}:jobTemplates/to file",
		  "Settings": {"OutputGroups": [{"Name": "files", "Outputs": [{"Preset": "mp4 small", "NameModifier": "_small"}]}]}}}`).keep("template=JobTemplate.Arn"),
	ok("CreateJobTemplate", "with nothing but settings", `{"Name": "Größe – 東京 & co", "Settings": ${templateSettings}}`, `{"JobTemplate": {"Type": "CUSTOM", "Queue": "~absent"}}`),
	no("CreateJobTemplate", "the name is taken", `{"Name": "to file", "Settings": ${templateSettings}}`, conflict, `A job template named "to file" exists already.`),
	no("CreateJobTemplate", "wrong settings", `{"Name": "wrong", "Settings": {"OutputGroups": [{"OutputGroupSettings": {"Type": "FILE_GROUP"}, "Outputs": [{}]}]}}`,
		badRequest, `~/outputGroups/0/outputGroupSettings/type: Should be equal to one of the allowed values in [`),
	no("CreateJobTemplate", "a priority beyond", `{"Name": "wrong", "Priority": 51, "Settings": ${templateSettings}}`, badRequest, `/priority: Should be less than or equal to 50`),
	no("CreateJobTemplate", "a hop without a wait", `{"Name": "wrong", "HopDestinations": [{"Queue": "plain"}], "Settings": ${templateSettings}}`, badRequest, `/hopDestinations/0: waitMinutes is a required property`),
	ok("GetJobTemplate", "by name", `{"Name": "Größe – 東京 & co"}`, `{"JobTemplate": {"Name": "Größe – 東京 & co", "Settings": {"Inputs": [{"TimecodeSource": "ZEROBASED"}]}}}`),
	ok("GetJobTemplate", "by its ARN", `{"Name": "${template}"}`, `{"JobTemplate": {"Name": "to file"}}`),
	ok("GetJobTemplate", "one of the system's", `{"Name": "System-Ott_Hls_Ts_Avc_Aac"}`,
		`{"JobTemplate": {"Type": "SYSTEM", "Settings": {"OutputGroups": [{"OutputGroupSettings": {"Type": "HLS_GROUP_SETTINGS"}}]}}}`),
	no("GetJobTemplate", "there is none", `{"Name": "nowhere"}`, notFound, `There is no job template "nowhere".`),
	ok("ListTagsForResource", "of a template", `{"Arn": "${template}"}`, `{"ResourceTags": {"Tags": {"team": "video"}}}`),

	ok("UpdateJobTemplate", "only what is given", `{"Name": "to file", "Priority": -7, "HopDestinations": []}`,
		`{"JobTemplate": {"Priority": -7, "Description": "one small file", "Queue": "${plain}", "StatusUpdateInterval": "SECONDS_20", "Settings": {"OutputGroups": [{"Name": "files"}]}}}`),
	ok("UpdateJobTemplate", "its settings as a whole", `{"Name": "Größe – 東京 & co", "Settings": {"OutputGroups": [{"Name": "only"}]}, "Category": "other"}`,
		`{"JobTemplate": {"Category": "other", "Settings": {"Inputs": "~absent", "OutputGroups": [{"Name": "only"}]}}}`),
	no("UpdateJobTemplate", "there is none", `{"Name": "nowhere", "Description": "x"}`, notFound, `There is no job template "nowhere".`),
	no("UpdateJobTemplate", "a priority beyond", `{"Name": "to file", "Priority": 51}`, badRequest, `/priority: Should be less than or equal to 50`),
	no("UpdateJobTemplate", "one of the system's", `{"Name": "System-Ott_Hls_Ts_Avc_Aac", "Description": "x"}`, badRequest, `"System-Ott_Hls_Ts_Avc_Aac" is a SYSTEM job template: it can be neither changed nor deleted. Make one of your own with its settings and change that.`),

	ok("ListJobTemplates", "by name", ``, `{"JobTemplates": [{"Name": "Größe – 東京 & co"}, {"Name": "to file"}], "NextToken": "~absent"}`),
	ok("ListJobTemplates", "of a category", `{"Category": "files"}`, `{"JobTemplates": [{"Name": "to file"}]}`),
	ok("ListJobTemplates", "those of the system", `{"ListBy": "SYSTEM"}`, `{"JobTemplates": "~has {\"Type\": \"SYSTEM\", \"Name\": \"System-Ott_Hls_Ts_Avc_Aac\"}"}`),
	paged("ListJobTemplates", "in pages of one", ``, 1, "JobTemplates", `["Größe – 東京 & co", "to file"]`),
	paged("ListJobTemplates", "in the largest pages, by creation", `{"ListBy": "CREATION_DATE"}`, 20, "JobTemplates", `["to file", "Größe – 東京 & co"]`),
	no("ListJobTemplates", "too many", `{"MaxResults": 21}`, badRequest, `/maxResults: "21" is not a number from 1 to 20.`),
	no("ListJobTemplates", "a list of what", `{"ListBy": "SIZE"}`, badRequest, `/listBy: Should be equal to one of the allowed values in ["NAME","CREATION_DATE","SYSTEM"]`),
	no("ListJobTemplates", "a token of nobody's", `{"NextToken": "x"}`, badRequest, `/nextToken: it is not the token of a page of this list; begin again without it.`),

	ok("DeleteJobTemplate", "by name", `{"Name": "Größe – 東京 & co"}`, ``),
	no("DeleteJobTemplate", "it is gone", `{"Name": "Größe – 東京 & co"}`, notFound, `There is no job template "Größe – 東京 & co".`),
	no("DeleteJobTemplate", "one of the system's", `{"Name": "System-Ott_Hls_Ts_Avc_Aac"}`, badRequest, `"System-Ott_Hls_Ts_Avc_Aac" is a SYSTEM job template: it can be neither changed nor deleted. Make one of your own with its settings and change that.`),
}

var tagSteps = []step{
	ok("TagResource", "a preset", `{"Arn": "${preset}", "Tags": {"stage": "test é", "team": "audio"}}`, ``),
	ok("ListTagsForResource", "new ones and changed ones", `{"Arn": "${preset}"}`, `{"ResourceTags": {"Arn": "${preset}", "Tags": {"stage": "test é", "team": "audio"}}}`),
	ok("UntagResource", "some, and one that it has not", `{"Arn": "${preset}", "TagKeys": ["team", "none"]}`, ``),
	ok("ListTagsForResource", "what is left", `{"Arn": "${preset}"}`, `{"ResourceTags": {"Tags": {"stage": "test é", "team": "~absent"}}}`),
	ok("TagResource", "a job", `{"Arn": "${full arn}", "Tags": {"shift": "night"}}`, ``),
	ok("ListTagsForResource", "of a job, with those of its request", `{"Arn": "${full arn}"}`, `{"ResourceTags": {"Tags": {"shift": "night", "project": "alpha"}}}`),
	ok("TagResource", "Default", `{"Arn": "${Default}", "Tags": {"a": "b"}}`, ``),
	ok("UntagResource", "Default", `{"Arn": "${Default}", "TagKeys": ["a"]}`, ``),
	ok("ListTagsForResource", "nothing is left", `{"Arn": "${Default}"}`, `{"ResourceTags": {"Arn": "${Default}", "Tags": {"a": "~absent"}}}`),
	no("TagResource", "there is no such queue", `{"Arn": "${Default}x", "Tags": {"a": "b"}}`, notFound, `There is no queue "Defaultx".`),
	no("TagResource", "no ARN", `{"Arn": "Default", "Tags": {"a": "b"}}`, badRequest, `/arn: Should be an ARN such as ${Default}`),
	no("TagResource", "a key of the service's", `{"Arn": "${Default}", "Tags": {"aws:mine": "b"}}`, badRequest, `/tags/aws:mine: A key may not begin with aws:`),
	no("TagResource", "a key that is too long", `{"Arn": "${Default}", "Tags": {"${long}": "b"}}`, badRequest, `~128`),
	no("TagResource", "too many", `{"Arn": "${Default}", "Tags": ${51 tags}}`, badRequest, `/tags: Should have at most 50 properties`),
	no("ListTagsForResource", "there is no such job", `{"Arn": "${unknown arn}"}`, notFound, `There is no job "1712252725875-defhgi".`),
	no("ListTagsForResource", "no ARN", `{"Arn": "Default"}`, badRequest, `/arn: Should be an ARN such as ${Default}`),
	no("UntagResource", "there is no such job", `{"Arn": "${unknown arn}", "TagKeys": ["a"]}`, notFound, `There is no job "1712252725875-defhgi".`),
	no("UntagResource", "no ARN", `{"Arn": "Default", "TagKeys": ["a"]}`, badRequest, `/arn: Should be an ARN such as ${Default}`),
}

var policySteps = []step{
	ok("GetPolicy", "none is there", ``, ``),
	ok("PutPolicy", "no S3", `{"Policy": {"S3Inputs": "DISALLOWED", "HttpInputs": "ALLOWED"}}`, `{"Policy": {"S3Inputs": "DISALLOWED", "HttpInputs": "ALLOWED", "HttpsInputs": "ALLOWED"}}`),
	ok("GetPolicy", "it is there", ``, `{"Policy": {"S3Inputs": "DISALLOWED", "HttpInputs": "ALLOWED", "HttpsInputs": "ALLOWED"}}`),
	no("CreateJob", "a place that the policy disallows", `{"Role": "${role}", "Queue": "held", "Settings": ${settings}}`, badRequest,
		`You specified an input location that your policy disallows. Specify an allowed input location and resubmit your job.`),
	ok("PutPolicy", "replaces the one before", `{"Policy": {"HttpInputs": "DISALLOWED", "HttpsInputs": "DISALLOWED"}}`, `{"Policy": {"S3Inputs": "ALLOWED", "HttpInputs": "DISALLOWED", "HttpsInputs": "DISALLOWED"}}`),
	ok("CreateJob", "S3 is allowed again", `{"Role": "${role}", "Queue": "held", "Settings": ${settings}}`, `{"Job": {"Status": "SUBMITTED"}}`),
	no("CreateJob", "and HTTP is not", `{"Role": "${role}", "Queue": "held", "Settings": ${http settings}}`, badRequest,
		`You specified an input location that your policy disallows. Specify an allowed input location and resubmit your job.`),
	no("PutPolicy", "neither allowed nor not", `{"Policy": {"S3Inputs": "MAYBE"}}`, badRequest, `/policy/s3Inputs: Should be equal to one of the allowed values in ["ALLOWED","DISALLOWED"]`),
	ok("DeletePolicy", "back to none", ``, ``),
	ok("CreateJob", "all is allowed", `{"Role": "${role}", "Queue": "held", "Settings": ${http settings}}`, `{"Job": {"Status": "SUBMITTED"}}`),
	ok("DeletePolicy", "again", ``, ``),
}

var quotaSteps = []step{
	repeated(ok("CreateQueue", "as many as there may be", `{"Name": "full ${i}"}`, ``), 6), // beside Default there are plain, reserved, held and listed
	no("CreateQueue", "one more", `{"Name": "too many"}`, overQuota, `~10`),
	repeated(ok("DeleteQueue", "and away with them", `{"Name": "full ${i}"}`, ``), 6),
	repeated(ok("CreatePreset", "as many as there may be", `{"Name": "full ${i}", "Settings": ${presetSettings}}`, ``), 98),
	no("CreatePreset", "one more", `{"Name": "too many", "Settings": ${presetSettings}}`, overQuota, `~100`),
	repeated(ok("CreateJobTemplate", "as many as there may be", `{"Name": "full ${i}", "Settings": ${templateSettings}}`, ``), 99),
	no("CreateJobTemplate", "one more", `{"Name": "too many", "Settings": ${templateSettings}}`, overQuota, `~100`),
}
