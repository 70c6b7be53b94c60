package catalog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// bundle is what helps to find out what became of a job: its record, and what
// ran it. There is no media in it, and no secret.
type bundle struct {
	MadeAt   time.Time         `json:"madeAt"`
	CaseID   string            `json:"caseId"`
	Versions map[string]string `json:"versions"`
	Job      json.RawMessage   `json:"job"` // as GetJob answers it
	Run      bundleRun         `json:"run"`
}

// bundleRun is what of a job the API does not show.
type bundleRun struct {
	Attempt    int                     `json:"attempt"`
	Phase      spool.JobPhase          `json:"phase,omitempty"`
	Publishing bool                    `json:"publishing"`
	WaitsIn    string                  `json:"waitsIn,omitempty"`
	WaitsAt    int                     `json:"waitsAt"`
	Hops       []spool.QueueTransition `json:"hops,omitempty"`
	Failure    *spool.Failure          `json:"failure,omitempty"`
	Accepted   []spool.Warning         `json:"warningsAtSubmit,omitempty"`
	Warnings   []spool.Warning         `json:"warningsOfRun,omitempty"`
	Messages   []string                `json:"messagesOfRun,omitempty"`
	Inputs     []spool.InputInfo       `json:"inputs,omitempty"`
	Groups     []spool.OutputGroup     `json:"outputGroups,omitempty"`
}

// Share notes that a job's record is given to whoever handles the support case,
// and writes it to a file of the bundles' folder, job-ID.json; a second time
// replaces the first. Nothing leaves this installation by itself. An unknown
// job is spool.ErrNotFound.
func (s *Service) Share(ctx context.Context, jobID, caseID string) error {
	if strings.TrimSpace(caseID) == "" || len(caseID) > 256 {
		return spool.Userf(spool.ErrInvalid, "/supportCaseId: Should have 1 to 256 characters")
	}
	job, err := s.o.Store.Job(ctx, spool.ResourceName(jobID))
	if err != nil {
		return failed("share a job", err)
	}
	share := spool.Share{CaseID: caseID, At: s.now()}
	job.Share = &share
	// The file comes first: what is marked as shared is there to be sent.
	file, err := s.writeBundle(job)
	if err != nil {
		return failed("write the support bundle of job "+job.ID, err)
	}
	if err := s.o.InTx(ctx, func(tx Tx) error { return tx.PutShare(ctx, job.ID, share) }); err != nil {
		return failed("share a job", err)
	}
	s.o.Log.Info("job shared", "job", job.ID, "case", caseID, "bundle", file)
	return nil
}

// writeBundle gives the file it wrote, or "" when there is no folder for it.
func (s *Service) writeBundle(job spool.Job) (string, error) {
	if s.o.Bundles == "" {
		return "", nil
	}
	text, err := s.bundle(job)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(s.o.Bundles, 0o700); err != nil {
		return "", err
	}
	name := filepath.Join(s.o.Bundles, "job-"+job.ID+".json")
	tmp, err := os.CreateTemp(s.o.Bundles, ".job-*") // mode 0600
	if err != nil {
		return "", err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(text)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return "", err
	}
	return name, os.Rename(tmp.Name(), name)
}

func (s *Service) bundle(job spool.Job) ([]byte, error) {
	answer, err := mediaconvert.JobAnswer(job, s.o.Identity)
	if err != nil {
		return nil, err
	}
	var inner struct {
		Job json.RawMessage `json:"job"`
	}
	if err := json.Unmarshal(answer, &inner); err != nil {
		return nil, err
	}
	text, err := json.Marshal(bundle{
		MadeAt: job.Share.At, CaseID: job.Share.CaseID, Versions: s.o.Versions, Job: inner.Job,
		Run: bundleRun{
			Attempt: job.Attempt, Phase: job.Phase, Publishing: job.Publishing, WaitsIn: job.WaitsIn, WaitsAt: job.WaitsAt,
			Hops: job.Transitions, Failure: job.Failure, Accepted: job.Warnings, Warnings: job.RunWarnings, Messages: job.RunMessages, Inputs: job.Inputs, Groups: job.Groups,
		},
	})
	if err != nil {
		return nil, err
	}
	return redact(text)
}

// secretMembers are the members of settings whose values must not be handed on.
var secretMembers = map[string]bool{
	"staticKeyValue": true, "encryptedDecryptionKey": true, "initializationVector": true, "constantInitializationVector": true,
	"certificateSecret": true, "credentialsSecretName": true, "clientRequestToken": true,
}

// webAddress finds addresses inside of texts, such as messages; it may end early, never late.
var webAddress = regexp.MustCompile(`(?i)https?://[^\s'"<>\\\]]+`)

// redact takes out of a JSON text what would let its reader in somewhere: keys,
// and of addresses the user and the query, where passwords and signatures stand.
func redact(text []byte) ([]byte, error) {
	numbers := json.NewDecoder(bytes.NewReader(text))
	numbers.UseNumber() // as they are
	var tree any
	if err := numbers.Decode(&tree); err != nil {
		return nil, fmt.Errorf("redact: %w", err)
	}
	out, err := json.MarshalIndent(redacted(tree), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("redact: %w", err)
	}
	return append(out, '\n'), nil
}

const hidden = "(hidden)"

func redacted(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			if secretMembers[k] {
				v[k] = hidden
			} else {
				v[k] = redacted(inner)
			}
		}
	case []any:
		for i, inner := range v {
			v[i] = redacted(inner)
		}
	case string:
		return webAddress.ReplaceAllStringFunc(v, bareAddress)
	}
	return v
}

func bareAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return hidden
	}
	if u.User != nil {
		u.User = url.User("hidden")
	}
	if u.RawQuery != "" {
		u.RawQuery = "hidden"
	}
	u.Fragment = ""
	return u.String()
}
