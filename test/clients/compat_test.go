package clients

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"spool/internal/testkit"
	"spool/test/harness"
)

// story is a sequence of steps that build on each other; the stories are told in
// order to a server of the client's own.
type story struct {
	name  string
	steps []step
}

// stories are what every client does: together, all operations, each with what
// it is for and with the errors that it has.
var stories = []story{
	{"endpoints and versions", endpointSteps},
	{"queues", queueSteps},
	{"Terraform", terraformSteps},
	{"presets", presetSteps},
	{"job templates", templateSteps},
	{"submit", submitSteps},
	{"merge", mergeSteps},
	{"lists", listSteps},
	{"pages", pageSteps},
	{"jobs that run", runSteps},
	{"tags", tagSteps},
	{"policy", policySteps},
	{"probe", probeSteps},
	{"certificates and shares", odditySteps},
	{"quotas", quotaSteps},
	{"signatures", keySteps},
	{"roles", roleSteps},
}

// clients are those that the stories are told to, by name.
func clients(t *testing.T) map[string]func(*testing.T, *harness.Server) driver {
	t.Helper()
	all := map[string]func(*testing.T, *harness.Server) driver{"SDK for Go": goDriver, "SDK for JavaScript": jsDriver}
	for _, python := range pythons(t, "boto3") {
		all["boto3 of "+python] = pythonDriver(python, "boto3")
	}
	for _, python := range pythons(t, "awscli") {
		all["AWS CLI of "+python] = pythonDriver(python, "aws", "aws")
	}
	if path, err := exec.LookPath("aws"); err == nil && len(pythons(t, "awscli")) == 0 {
		all["AWS CLI"] = pythonDriver("python3", "aws", path) // AWS's own build, which hides its modules
	}
	for client, pack := range map[string]string{"boto3": "python3-boto3", "AWS CLI": "awscli"} {
		if !strings.Contains(fmt.Sprint(all), client) {
			t.Run(client, func(t *testing.T) { missing(t, client, pack) })
		}
	}
	return all
}

// missing skips a test for want of a client; in CI it is a failure.
func missing(t *testing.T, client, pack string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing (Debian: %s)", client, pack)
	}
	t.Skipf("%s is missing (Debian: %s)", client, pack)
}

// TestCompatibility has every client do all that the API has. Their own models
// say what the operations are, and their own parsers read the answers.
func TestCompatibility(t *testing.T) {
	t.Parallel()
	for name, start := range clients(t) {
		t.Run(subtest(name), func(t *testing.T) {
			t.Parallel()
			s := harness.StartServer(t, harness.Options{Config: configuration, Files: harness.Files{"small.json": smallJob}})
			s.Upload(t, "plain", "clips/small é.mp4", testkit.Clip(t, small))
			s.Upload(t, "plain", "clips/text.mp4", write(t, "text.mp4", "no media at all\n"))
			told(t, s, start(t, s))
		})
	}
}

// told tells all stories to a client, and demands that they miss no operation of it.
func told(t *testing.T, s *harness.Server, client driver) {
	t.Helper()
	self := client.hello()
	t.Logf("%s knows %d operations", self.Client, len(self.Operations))
	su := &suite{client: client, ring: keyring(t, s), kept: given(t, s), done: map[string]*[2]int{}}
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			for _, st := range story.steps {
				if !strings.Contains(self.Client, st.only) {
					continue
				}
				t.Run(st.op+": "+st.about, func(t *testing.T) { su.run(t, st) })
			}
		})
	}
	t.Run("every operation", func(t *testing.T) {
		operations := self.Operations
		if len(operations) == 0 { // it keeps its model to itself
			operations = operationsOfGo()
		}
		for _, op := range operations {
			count := su.done[op]
			if count == nil || count[0] == 0 || count[1] == 0 {
				t.Errorf("no case has %s go well and be refused: %v", op, count)
				continue
			}
			t.Logf("%-24s %3d well, %3d refused", op, count[0], count[1])
		}
		for _, op := range self.Paginators {
			if !paginates(op) {
				t.Errorf("no case walks through the pages of %s", op)
			}
		}
	})
}

func paginates(op string) bool {
	for _, story := range stories {
		for _, st := range story.steps {
			if st.op == op && st.size > 0 {
				return true
			}
		}
	}
	return false
}

// keyring gives the keys that steps name.
func keyring(t *testing.T, s *harness.Server) map[string]*keys {
	t.Helper()
	return map[string]*keys{
		"":          {Access: s.AccessKey, Secret: s.SecretKey},
		"nobody":    nil,
		"forger":    {Access: s.AccessKey, Secret: "wrong"},
		"stranger":  {Access: "AKIAUNKNOWN", Secret: s.SecretKey},
		"temporary": {Access: s.AccessKey, Secret: s.SecretKey, Token: "FwoGZXIvYXdzEXAMPLE"},
		"read":      newKey(t, s, "read"),
		"submit":    newKey(t, s, "submit"),
	}
}

// newKey makes a key pair as an operator does.
func newKey(t *testing.T, s *harness.Server, role string) *keys {
	t.Helper()
	cmd := harness.Spool(t, "key", "create", "--role", role, "--json")
	cmd.Env = append(environment(s), "SPOOL_ENDPOINT="+s.HTTP, "SPOOL_ACCESS_KEY="+s.AccessKey, "SPOOL_SECRET_KEY="+s.SecretKey)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("spool key create: %v\n%s", err, &said)
	}
	made := decode[keys](t, string(out))
	return &made
}

// given is what steps may name from the beginning.
func given(t *testing.T, s *harness.Server) map[string]string {
	t.Helper()
	clip, err := os.Stat(testkit.Clip(t, small))
	if err != nil {
		t.Fatal(err)
	}
	tags := func(n int) string {
		all := map[string]string{}
		for i := range n {
			all[fmt.Sprint("k", i)] = "v"
		}
		text, _ := json.Marshal(all)
		return string(text)
	}
	run := strings.NewReplacer("none/held é.mp4", "clips/small é.mp4", "s3://media/held/", "s3://media/run/").Replace(heldSettings)
	aac := `"AudioDescriptions": [{"CodecSettings": {"Codec": "AAC", "AacSettings": {"Bitrate": 8000, "CodingMode": "CODING_MODE_2_0", "SampleRate": 48000}}}]`
	return map[string]string{
		"http": s.HTTP, "role": "arn:aws:iam::000000000000:role/spool", "clip size": fmt.Sprint(clip.Size()),
		"settings": heldSettings, "wrongSettings": wrongSettings, "presetSettings": presetSettings, "templateSettings": templateSettings,
		"other settings": strings.ReplaceAll(heldSettings, "held é.mp4", "other clip 100%_é.mp4"),
		"http settings":  strings.ReplaceAll(heldSettings, "s3://plain/none", "http://192.0.2.1"),
		"run settings":   run, "run settings 2": strings.ReplaceAll(run, "/run/", "/run 2/"),
		"av1 settings":    strings.NewReplacer(`"H_264"`, `"AV1"`, `"H264Settings"`, `"Av1Settings"`).Replace(heldSettings),
		"long settings":   strings.NewReplacer(`"Width": 192, "Height": 108`, `"Width": 3840, "Height": 2160`, `300000}`, `40000000, "QualityTuningLevel": "MULTI_PASS_HQ", "FramerateControl": "SPECIFIED", "FramerateNumerator": 60, "FramerateDenominator": 1}`).Replace(run),
		"warned settings": strings.Replace(heldSettings, "{", `{"AdAvailOffset": 5, `, 1),
		"ninth track": strings.NewReplacer(`{"DefaultSelection": "DEFAULT"}`, `{"Tracks": [9]}`, `"VideoDescription"`,
			strings.Replace(aac, "8000,", "96000,", 1)+`, "VideoDescription"`).Replace(run),
		"aac settings":  strings.Replace(heldSettings, `"VideoDescription"`, aac+`, "VideoDescription"`, 1),
		"bare settings": strings.Replace(strings.ReplaceAll(heldSettings, "\n", ""), `,      "H264Settings": {"RateControlMode": "QVBR", "MaxBitrate": 300000}`, "", 1),
		"11 tags":       tags(11), "51 tags": tags(51), "long": strings.Repeat("x", 129),
		"certificate": "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012",
		"unknown arn": "arn:aws:mediaconvert:us-east-1:000000000000:jobs/1712252725875-defhgi",
	}
}

// TestThrottled has every client meet the limit of requests, each with a key of
// its own: they know the error, and by themselves would wait and try again.
func TestThrottled(t *testing.T) {
	t.Parallel()
	s := harness.StartServer(t, harness.Options{Config: "limits:\n  requestsPerSecond: 1\n"})
	for name, start := range clients(t) {
		t.Run(subtest(name), func(t *testing.T) {
			t.Parallel()
			client, own := start(t, s), newKey(t, s, "read")
			const burst = 100 // is allowed at once (behaviour.md 1.16)
			for i := range 3 * burst {
				o := client.do(t, call{Do: "call", Operation: "DescribeEndpoints", Input: struct{}{}, Keys: own})
				if o.Error == nil {
					continue
				}
				if o.Error.Code != "TooManyRequestsException" || !o.Error.Typed || o.Status != 0 && o.Status != 429 || i < burst {
					t.Errorf("request %d is refused with %d %+v", i+1, o.Status, *o.Error)
				}
				return
			}
			t.Errorf("%d requests in a row are answered", 3*burst)
		})
	}
}

// subtest gives a name as it may stand in a path of subtests.
func subtest(name string) string { return strings.NewReplacer(" ", "_", "/", "_").Replace(name) }
