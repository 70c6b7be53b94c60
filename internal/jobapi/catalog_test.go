package jobapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

func presetSettings(bitrate int32) *types.PresetSettings {
	return &types.PresetSettings{
		ContainerSettings: &types.ContainerSettings{Container: types.ContainerTypeMp4},
		VideoDescription: &types.VideoDescription{CodecSettings: &types.VideoCodecSettings{
			Codec: types.VideoCodecH264, H264Settings: &types.H264Settings{
				RateControlMode: types.H264RateControlModeQvbr, MaxBitrate: aws.Int32(bitrate),
				SceneChangeDetect: types.H264SceneChangeDetectTransitionDetection,
			},
		}},
	}
}

// TestJobFromTemplate: a job made of a template that names a preset, both by
// name and by ARN, has the settings of all three; what becomes of the preset and
// the template later changes nothing about it.
func TestJobFromTemplate(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	client, ctx := s.client(), t.Context()
	if _, err := client.CreateQueue(ctx, &mediaconvert.CreateQueueInput{Name: aws.String("fast")}); err != nil {
		t.Fatal(err)
	}
	preset, err := client.CreatePreset(ctx, &mediaconvert.CreatePresetInput{Name: aws.String("small one"), Settings: presetSettings(1_000_000)})
	if err != nil {
		t.Fatal(err)
	}
	template, err := client.CreateJobTemplate(ctx, &mediaconvert.CreateJobTemplateInput{
		Name: aws.String("ladder"), Queue: aws.String("fast"), Priority: aws.Int32(-9),
		Settings: &types.JobTemplateSettings{OutputGroups: []types.OutputGroup{{
			OutputGroupSettings: &types.OutputGroupSettings{
				Type: types.OutputGroupTypeFileGroupSettings, FileGroupSettings: &types.FileGroupSettings{Destination: aws.String("s3://out/template/")},
			},
			Outputs: []types.Output{{Preset: preset.Preset.Arn, NameModifier: aws.String("-a")}, {Preset: aws.String("small one"), NameModifier: aws.String("-b")}},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []*string{template.JobTemplate.Name, template.JobTemplate.Arn} {
		made, err := client.CreateJob(ctx, &mediaconvert.CreateJobInput{
			Role: aws.String(role), JobTemplate: name,
			Settings: &types.JobSettings{Inputs: []types.Input{{FileInput: aws.String("s3://in/film.mp4"), VideoSelector: &types.VideoSelector{}}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.UpdatePreset(ctx, &mediaconvert.UpdatePresetInput{Name: preset.Preset.Arn, Settings: presetSettings(5_000_000)}); err != nil {
			t.Fatal(err)
		}
		got, err := client.GetJob(ctx, &mediaconvert.GetJobInput{Id: made.Job.Id})
		if err != nil {
			t.Fatal(err)
		}
		j := got.Job
		want := int32(1_000_000)
		if name == template.JobTemplate.Arn {
			want = 5_000_000 // that job came after the change
		}
		outputs := j.Settings.OutputGroups[0].Outputs
		if !strings.HasSuffix(aws.ToString(j.Queue), ":queues/fast") || aws.ToInt32(j.Priority) != -9 || !strings.HasSuffix(aws.ToString(j.JobTemplate), "ladder") || len(outputs) != 2 {
			t.Fatalf("%+v", j)
		}
		for _, o := range outputs {
			if got := o.VideoDescription.CodecSettings.H264Settings.MaxBitrate; aws.ToInt32(got) != want || o.ContainerSettings.Container != types.ContainerTypeMp4 {
				t.Errorf("by %s: bitrate %d, want %d", *name, aws.ToInt32(got), want)
			}
		}
	}
	for _, in := range []mediaconvert.CreateJobInput{
		{Role: aws.String(role), JobTemplate: aws.String("none"), Settings: settings()},
		{Role: aws.String(role), JobTemplate: preset.Preset.Arn, Settings: settings()},
	} {
		if _, err := client.CreateJob(ctx, &in); kind(err) != "BadRequestException" {
			t.Errorf("the template %s: %v", *in.JobTemplate, err)
		}
	}
	in := job()
	in.Settings.OutputGroups[0].Outputs[0] = types.Output{Preset: aws.String("none")}
	if _, err := client.CreateJob(ctx, in); kind(err) != "BadRequestException" || !strings.Contains(err.Error(), "/outputGroups/0/outputs/0/preset: ") {
		t.Errorf("an unknown preset: %v", err)
	}
}

// TestListPresets: pages in every order, stable while presets come and go.
func TestListPresets(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	client, ctx := s.client(), t.Context()
	create := func(name, category string) {
		_, err := client.CreatePreset(ctx, &mediaconvert.CreatePresetInput{Name: aws.String(name), Category: aws.String(category), Settings: presetSettings(1_000_000)})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range []string{"c", "a", "ü", "B", "d"} {
		create(name, []string{"odd", "even"}[i%2])
	}
	list := func(in mediaconvert.ListPresetsInput, between func(page int)) string {
		var names []string
		if in.MaxResults == nil {
			in.MaxResults = aws.Int32(2)
		}
		pages := mediaconvert.NewListPresetsPaginator(client, &in)
		for n := 0; pages.HasMorePages(); n++ {
			page, err := pages.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range page.Presets {
				names = append(names, aws.ToString(p.Name))
			}
			if between != nil {
				between(n)
			}
		}
		return strings.Join(names, " ")
	}
	for _, tt := range []struct {
		in   mediaconvert.ListPresetsInput
		want string
	}{
		{mediaconvert.ListPresetsInput{}, "B a c d ü"},
		{mediaconvert.ListPresetsInput{ListBy: types.PresetListByName, Order: types.OrderDescending}, "ü d c a B"},
		{mediaconvert.ListPresetsInput{ListBy: types.PresetListByCreationDate}, "c a ü B d"},
		{mediaconvert.ListPresetsInput{ListBy: types.PresetListByCreationDate, Order: types.OrderDescending}, "d B ü a c"},
		{mediaconvert.ListPresetsInput{Category: aws.String("even")}, "B a"},
		{mediaconvert.ListPresetsInput{Category: aws.String("eve")}, ""},
		{mediaconvert.ListPresetsInput{MaxResults: aws.Int32(20)}, "B a c d ü"},
	} {
		if got := list(tt.in, nil); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.in, got, tt.want)
		}
	}
	// The last one given is deleted and new ones come, before and behind the place.
	got := list(mediaconvert.ListPresetsInput{}, func(page int) {
		if page == 0 {
			if _, err := client.DeletePreset(ctx, &mediaconvert.DeletePresetInput{Name: aws.String("a")}); err != nil {
				t.Fatal(err)
			}
			create("A", "new")
			create("cc", "new")
		}
	})
	if got != "B a c cc d ü" {
		t.Errorf("with presets that came and went: %s", got)
	}
}

// TestSystemEntries: Spool's own presets and templates are a list of their own,
// can be looked at and used, and nobody can change or delete them.
func TestSystemEntries(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	client, ctx := s.client(), t.Context()
	var names []string
	pages := mediaconvert.NewListPresetsPaginator(client, &mediaconvert.ListPresetsInput{ListBy: types.PresetListBySystem, MaxResults: aws.Int32(3)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Presets {
			names = append(names, aws.ToString(p.Name))
			if p.Type != types.TypeSystem || p.Settings == nil {
				t.Errorf("%s: %+v", *p.Name, p)
			}
		}
	}
	if len(names) < 8 || !slices.IsSorted(names) || !slices.Contains(names, "System-Ott_Hls_Ts_Avc_Aac_16x9_1280x720p_30Hz_3.5Mbps") {
		t.Errorf("the system's presets: %q", names)
	}
	if _, err := client.DeletePreset(ctx, &mediaconvert.DeletePresetInput{Name: aws.String(names[0])}); kind(err) != "BadRequestException" {
		t.Errorf("deleted: %v", err)
	}
	if _, err := client.UpdatePreset(ctx, &mediaconvert.UpdatePresetInput{Name: aws.String(names[0])}); kind(err) != "BadRequestException" {
		t.Errorf("changed: %v", err)
	}
	if _, err := client.CreatePreset(ctx, &mediaconvert.CreatePresetInput{Name: aws.String(names[0]), Settings: presetSettings(1_000_000)}); kind(err) != "ConflictException" {
		t.Errorf("made anew: %v", err)
	}
	templates, err := client.ListJobTemplates(ctx, &mediaconvert.ListJobTemplatesInput{ListBy: types.JobTemplateListBySystem})
	if err != nil || len(templates.JobTemplates) == 0 {
		t.Fatalf("the system's templates: %v %+v", err, templates)
	}
	made, err := client.CreateJob(ctx, &mediaconvert.CreateJobInput{
		Role: aws.String(role), JobTemplate: aws.String("System-Ott_Hls_Ts_Avc_Aac"), Settings: &types.JobSettings{
			Inputs: []types.Input{{
				FileInput: aws.String("s3://in/film.mp4"), VideoSelector: &types.VideoSelector{},
				AudioSelectors: map[string]types.AudioSelector{"Audio Selector 1": {DefaultSelection: types.AudioDefaultSelectionDefault}},
			}},
			OutputGroups: []types.OutputGroup{{OutputGroupSettings: &types.OutputGroupSettings{
				Type: types.OutputGroupTypeHlsGroupSettings, HlsGroupSettings: &types.HlsGroupSettings{Destination: aws.String("s3://out/hls/")},
			}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if outputs := made.Job.Settings.OutputGroups[0].Outputs; len(outputs) < 5 {
		t.Errorf("the template gave %d outputs", len(outputs))
	}
}

// TestSearchAndQueries: jobs are found by their inputs and by what their outputs
// are made of, over several pages.
func TestSearchAndQueries(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	client, ctx := s.client(), t.Context()
	var ids []string
	for i := range 5 {
		in := job()
		in.Settings.Inputs[0].FileInput = aws.String(fmt.Sprintf("s3://in/Season %d/100%%_episode.mov", i%2))
		if i == 4 {
			in.JobEngineVersion = aws.String("2026-11-20")
		}
		made, err := client.CreateJob(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, aws.ToString(made.Job.Id))
	}
	for text, want := range map[string][]string{
		"Season 1/":                         {ids[1], ids[3]},
		"s3://in/Season 0/100%_epi":         {ids[0], ids[2], ids[4]},
		"100%_episode":                      ids,
		"100x_episode":                      nil,
		"season 1/":                         nil, // as it is written
		"s3://in/Season 1/100%_episode.mov": {ids[1], ids[3]},
	} {
		var got []string
		pages := mediaconvert.NewSearchJobsPaginator(client, &mediaconvert.SearchJobsInput{
			InputFile: aws.String(text), MaxResults: aws.Int32(2), Order: types.OrderAscending, Queue: aws.String(spool.DefaultIdentity().ARN("queues/Default")),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range page.Jobs {
				got = append(got, aws.ToString(j.Id))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("search for %q: %q, want %q", text, got, want)
		}
	}
	query := func(filters []types.JobsQueryFilter) (got []string) {
		in := &mediaconvert.StartJobsQueryInput{FilterList: filters, MaxResults: aws.Int32(2), Order: types.OrderAscending}
		for {
			started, err := client.StartJobsQuery(ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			var page *mediaconvert.GetJobsQueryResultsOutput
			for page == nil || page.Status != types.JobsQueryStatusComplete {
				if page, err = client.GetJobsQueryResults(ctx, &mediaconvert.GetJobsQueryResultsInput{Id: started.Id}); err != nil {
					t.Fatal(err)
				}
				if page.Status == types.JobsQueryStatusError {
					t.Fatal("the query failed")
				}
			}
			for _, j := range page.Jobs {
				got = append(got, aws.ToString(j.Id))
			}
			if in.NextToken = page.NextToken; in.NextToken == nil {
				return got
			}
		}
	}
	for _, tt := range []struct {
		key   types.JobsQueryFilterKey
		value string
		want  []string
	}{
		{types.JobsQueryFilterKeyVideoCodec, "H_264", ids},
		{types.JobsQueryFilterKeyVideoCodec, "H_265", nil},
		{types.JobsQueryFilterKeyStatus, "SUBMITTED", ids},
		{types.JobsQueryFilterKeyFileInput, "Season 1", []string{ids[1], ids[3]}},
		{types.JobsQueryFilterKeyJobEngineVersionRequested, "2026-11-20", ids[4:]},
		{types.JobsQueryFilterKeyJobEngineVersionUsed, "2026-11-20", nil},
		{types.JobsQueryFilterKeyQueue, spool.DefaultIdentity().ARN("queues/Default"), ids},
	} {
		if got := query([]types.JobsQueryFilter{{Key: tt.key, Values: []string{tt.value}}}); !slices.Equal(got, tt.want) {
			t.Errorf("query for %s %s: %q, want %q", tt.key, tt.value, got, tt.want)
		}
	}
	if got := query(nil); !slices.Equal(got, ids) {
		t.Errorf("query for all: %q", got)
	}
}
