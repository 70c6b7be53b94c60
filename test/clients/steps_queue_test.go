package clients

// Most words of refusals are Spool's own: the service's are not known. Those that
// are known stand here whole (behaviour.md).

var endpointSteps = []step{
	ok("DescribeEndpoints", "the server itself", ``, `{"Endpoints": [{"Url": "${http}"}], "NextToken": "~absent"}`),
	ok("DescribeEndpoints", "only if there is one", `{"Mode": "GET_ONLY", "MaxResults": 1}`, `{"Endpoints": [{"Url": "${http}"}]}`),
	paged("DescribeEndpoints", "in pages", ``, 1, "Endpoints", `["${http}"]`),
	no("DescribeEndpoints", "a mode that is none", `{"Mode": "CREATE"}`, badRequest, `/mode: Should be equal to one of the allowed values in ["DEFAULT","GET_ONLY"]`),

	ok("ListVersions", "the engine", ``, `{"Versions": "~has {\"Version\": \"~is [0-9]{4}-[0-9]{2}-[0-9]{2}\"}", "NextToken": "~absent"}`).keep("engine=Versions.0.Version"),
	paged("ListVersions", "in pages", ``, 1, "Versions", `["${engine}"]`),
	no("ListVersions", "too many", `{"MaxResults": 21}`, badRequest, `/maxResults: "21" is not a number from 1 to 20.`),
	no("ListVersions", "a token of nobody's", `{"NextToken": "x"}`, badRequest, `/nextToken: it is not the token of a page of this list; begin again without it.`),
}

var queueSteps = []step{
	ok("GetQueue", "Default is there", `{"Name": "Default"}`,
		`{"Queue": {"Name": "Default", "Type": "SYSTEM", "Status": "ACTIVE", "PricingPlan": "ON_DEMAND", "CreatedAt": "~time", "LastUpdated": "~time",
		  "SubmittedJobsCount": 0, "ProgressingJobsCount": 0, "Arn": "~is arn:aws:mediaconvert:us-east-1:[0-9]{12}:queues/Default"}}`).keep("Default=Queue.Arn"),
	ok("CreateQueue", "with nothing but a name", `{"Name": "plain"}`,
		`{"Queue": {"Name": "plain", "Type": "CUSTOM", "Status": "ACTIVE", "PricingPlan": "ON_DEMAND", "Description": "", "CreatedAt": "~time", "LastUpdated": "~time",
		  "SubmittedJobsCount": 0, "ProgressingJobsCount": 0, "Arn": "~is arn:aws:mediaconvert:us-east-1:[0-9]{12}:queues/plain", "ReservationPlan": "~absent"}}`).keep("plain=Queue.Arn"),
	ok("CreateQueue", "with all there is", `{"Name": "Grüße & (東京)+", "Description": "in words, é", "Status": "PAUSED", "PricingPlan": "ON_DEMAND", "ConcurrentJobs": 3,
		"Tags": {"team": "video", "empty": ""}}`, `{"Queue": {"Name": "Grüße & (東京)+", "Description": "in words, é", "Status": "PAUSED", "ConcurrentJobs": 3}}`).keep("odd=Queue.Arn"),
	no("CreateQueue", "the name is taken", `{"Name": "plain"}`, conflict, `A queue named "plain" exists already.`),
	no("CreateQueue", "Default is taken", `{"Name": "Default"}`, conflict, `A queue named "Default" exists already.`),
	no("CreateQueue", "an unknown status", `{"Name": "x", "Status": "HELD"}`, badRequest, `/status: Should be equal to one of the allowed values in ["ACTIVE","PAUSED"]`),
	no("CreateQueue", "no jobs at once", `{"Name": "x", "ConcurrentJobs": -1}`, badRequest, `/concurrentJobs: Should be greater than or equal to 0`),
	no("CreateQueue", "reserved without a plan", `{"Name": "x", "PricingPlan": "RESERVED"}`, badRequest, `The 'reservationPlanSettings' field is required with the pricing plan RESERVED.`),
	no("CreateQueue", "a name with a slash", `{"Name": "a/b"}`, badRequest, `/name: A queue's name may not begin with arn: nor hold a slash, ?, #, a percent sign or control characters`),
	no("CreateQueue", "a name like an ARN", `{"Name": "arn:aws:x"}`, badRequest, `/name: A queue's name may not begin with arn: nor hold a slash, ?, #, a percent sign or control characters`),
	no("CreateQueue", "a member that is none", `{"Name": "x", "Colour": "red"}`, clientSide, `~Colour`).forOnly("boto3"),
	ok("CreateQueue", "reserved", `{"Name": "reserved", "PricingPlan": "RESERVED", "ReservationPlanSettings": {"Commitment": "ONE_YEAR", "RenewalType": "EXPIRE", "ReservedSlots": 2}}`,
		`{"Queue": {"PricingPlan": "RESERVED", "ReservationPlan": {"Commitment": "ONE_YEAR", "RenewalType": "EXPIRE", "ReservedSlots": 2, "Status": "ACTIVE", "PurchasedAt": "~time", "ExpiresAt": "~any"}}}`),
	no("UpdateQueue", "fewer slots", `{"Name": "reserved", "ReservationPlanSettings": {"Commitment": "ONE_YEAR", "RenewalType": "EXPIRE", "ReservedSlots": 1}}`, badRequest, `Queue reserved has 2 slots; until its reservation ends it can only have more.`),
	ok("UpdateQueue", "more slots", `{"Name": "reserved", "ReservationPlanSettings": {"Commitment": "ONE_YEAR", "RenewalType": "AUTO_RENEW", "ReservedSlots": 3}}`,
		`{"Queue": {"ReservationPlan": {"RenewalType": "AUTO_RENEW", "ReservedSlots": 3}}}`),
	no("DeleteQueue", "its plan is active", `{"Name": "reserved"}`, conflict, `Queue reserved has a reservation that is not over. Let it expire first.`),

	ok("GetQueue", "by a name that needs care", `{"Name": "Grüße & (東京)+"}`, `{"Queue": {"Arn": "${odd}", "Description": "in words, é", "Status": "PAUSED"}}`),
	ok("GetQueue", "by its ARN", `{"Name": "${odd}"}`, `{"Queue": {"Name": "Grüße & (東京)+"}}`),
	no("GetQueue", "there is none", `{"Name": "nowhere"}`, notFound, `There is no queue "nowhere".`),
	ok("ListTagsForResource", "of a queue, by its ARN", `{"Arn": "${odd}"}`, `{"ResourceTags": {"Arn": "${odd}", "Tags": {"team": "video", "empty": ""}}}`),

	ok("UpdateQueue", "only what is given", `{"Name": "Grüße & (東京)+", "Status": "ACTIVE"}`,
		`{"Queue": {"Status": "ACTIVE", "Description": "in words, é", "ConcurrentJobs": 3, "LastUpdated": "~time"}}`),
	ok("UpdateQueue", "by its ARN", `{"Name": "${odd}", "Description": "", "ConcurrentJobs": 2}`, `{"Queue": {"Status": "ACTIVE", "Description": "", "ConcurrentJobs": 2}}`),
	no("UpdateQueue", "there is none", `{"Name": "nowhere", "Status": "PAUSED"}`, notFound, `There is no queue "nowhere".`),
	no("UpdateQueue", "an unknown status", `{"Name": "plain", "Status": "HELD"}`, badRequest, `/status: Should be equal to one of the allowed values in ["ACTIVE","PAUSED"]`),
	no("UpdateQueue", "no jobs at once", `{"Name": "plain", "ConcurrentJobs": -1}`, badRequest, `/concurrentJobs: Should be greater than or equal to 0`),

	ok("ListQueues", "in the order of creation", `{"ListBy": "CREATION_DATE", "Order": "ASCENDING"}`,
		`{"Queues": [{"Name": "Default"}, {"Name": "plain"}, {"Name": "Grüße & (東京)+"}, {"Name": "reserved"}], "NextToken": "~absent"}`),
	ok("ListQueues", "in the order of creation unless asked otherwise", ``, `{"Queues": [{"Name": "Default"}, {"Name": "plain"}, {"Name": "Grüße & (東京)+"}, {"Name": "reserved"}]}`),
	ok("ListQueues", "the first two by name", `{"ListBy": "NAME", "MaxResults": 2}`, `{"Queues": [{"Name": "Default"}, {"Name": "Grüße & (東京)+"}], "NextToken": "~any"}`).
		keep("queues2=NextToken").forOnly("S"), // the CLI asks for all pages by itself
	ok("ListQueues", "and what follows", `{"ListBy": "NAME", "MaxResults": 2, "NextToken": "${queues2}"}`, `{"Queues": [{"Name": "plain"}, {"Name": "reserved"}], "NextToken": "~absent"}`).forOnly("S"),
	paged("ListQueues", "in pages of one", `{"ListBy": "NAME"}`, 1, "Queues", `["Default", "Grüße & (東京)+", "plain", "reserved"]`),
	paged("ListQueues", "in pages of three, from the end", `{"ListBy": "NAME", "Order": "DESCENDING"}`, 3, "Queues", `["reserved", "plain", "Grüße & (東京)+", "Default"]`),
	paged("ListQueues", "in the largest pages", ``, 20, "Queues", `["Default", "plain", "Grüße & (東京)+", "reserved"]`),
	no("ListQueues", "too many", `{"MaxResults": 21}`, badRequest, `/maxResults: "21" is not a number from 1 to 20.`),
	no("ListQueues", "an unknown order", `{"Order": "RANDOM"}`, badRequest, `/order: Should be equal to one of the allowed values in ["ASCENDING","DESCENDING"]`),
	no("ListQueues", "a list of what", `{"ListBy": "SYSTEM"}`, badRequest, `/listBy: Should be equal to one of the allowed values in ["CREATION_DATE","NAME"]`),
	no("ListQueues", "a token of nobody's", `{"NextToken": "x"}`, badRequest, `/nextToken: it is not the token of a page of this list; begin again without it.`),

	no("DeleteQueue", "Default", `{"Name": "Default"}`, badRequest, `The queue Default belongs to the system and cannot be deleted. It can be paused.`),
	no("DeleteQueue", "there is none", `{"Name": "nowhere"}`, notFound, `There is no queue "nowhere".`),
	ok("DeleteQueue", "by its ARN", `{"Name": "${odd}"}`, ``),
	no("GetQueue", "it is gone", `{"Name": "Grüße & (東京)+"}`, notFound, `There is no queue "Grüße & (東京)+".`),
	no("ListTagsForResource", "its tags are gone", `{"Arn": "${odd}"}`, notFound, `There is no queue "Grüße & (東京)+".`),
}

// terraformSteps are the calls that Terraform's aws_media_convert_queue makes, in
// its order, when it creates, refreshes, changes, tags, finds the same and
// destroys.
var terraformSteps = []step{
	ok("CreateQueue", "create", `{"Name": "tf-acc-test", "Status": "ACTIVE", "PricingPlan": "ON_DEMAND", "Tags": {"key1": "value1"}}`,
		`{"Queue": {"Name": "tf-acc-test"}}`).keep("tf=Queue.Arn"),
	ok("GetQueue", "read after create", `{"Name": "tf-acc-test"}`,
		`{"Queue": {"Arn": "${tf}", "Name": "tf-acc-test", "PricingPlan": "ON_DEMAND", "Status": "ACTIVE", "ReservationPlan": "~absent"}}`),
	ok("ListTagsForResource", "read its tags", `{"Arn": "${tf}"}`, `{"ResourceTags": {"Tags": {"key1": "value1"}}}`),
	ok("UpdateQueue", "update", `{"Name": "tf-acc-test", "Status": "PAUSED", "Description": "changed", "ConcurrentJobs": 1}`, `{"Queue": {"Status": "PAUSED", "Description": "changed"}}`),
	ok("UntagResource", "a tag that went", `{"Arn": "${tf}", "TagKeys": ["key1"]}`, ``),
	ok("TagResource", "a tag that came", `{"Arn": "${tf}", "Tags": {"key2": "value2", "key1": "value1updated"}}`, ``),
	ok("GetQueue", "read after update", `{"Name": "tf-acc-test"}`, `{"Queue": {"Status": "PAUSED", "Description": "changed", "ConcurrentJobs": 1}}`),
	ok("ListTagsForResource", "read its tags again", `{"Arn": "${tf}"}`, `{"ResourceTags": {"Tags": {"key1": "value1updated", "key2": "value2"}}}`),
	ok("DeleteQueue", "destroy", `{"Name": "tf-acc-test"}`, ``),
	no("GetQueue", "and it is gone", `{"Name": "tf-acc-test"}`, notFound, `There is no queue "tf-acc-test".`),
	no("DeleteQueue", "destroyed twice, which Terraform takes", `{"Name": "tf-acc-test"}`, notFound, `There is no queue "tf-acc-test".`),
}
