package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	mc "github.com/aws/aws-sdk-go-v2/service/mediaconvert"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"

	"spool/internal/spool"
)

// presetCmd holds the commands on presets.
type presetCmd struct {
	server `group:"Server (--endpoint=aws is Amazon's own):"`
	List   presetListCmd   `cmd:"" help:"List presets."`
	Get    presetGetCmd    `cmd:"" help:"Show one preset."`
	Create presetCreateCmd `cmd:"" help:"Make a preset from a file."`
	Update presetUpdateCmd `cmd:"" help:"Change a preset; a file replaces its settings as a whole."`
	Delete presetDeleteCmd `cmd:"" help:"Delete a preset. Jobs made with it stay as they are."`
}

type presetListCmd struct{ catalogList }

// Run lists presets.
func (c *presetListCmd) Run(ctx context.Context, s *streams, preset *presetCmd) error {
	a, err := preset.open(ctx)
	if err != nil {
		return err
	}
	by := types.PresetListByName
	if c.System {
		by = types.PresetListBySystem
	}
	all, err := collect(a, "presets", c.Max, func(token *string, size int32) ([]types.Preset, *string, error) {
		out, err := a.ListPresets(ctx, &mc.ListPresetsInput{Category: optional(c.Category), ListBy: by, MaxResults: &size, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Presets, out.NextToken, nil
	})
	if err != nil {
		return a.explain(err)
	}
	screen := newScreen(s.out)
	rows := make([][]string, len(all.items))
	for i, p := range all.items {
		rows[i] = catalogRow(screen, p.Name, p.Category, p.Description, p.CreatedAt, p.LastUpdated)
	}
	return c.print(s, "preset", all.raw, rows, all.more)
}

type presetGetCmd struct {
	Name string `arg:"" help:"The preset's name or ARN."`
	JSON bool   `help:"Print the API's own JSON, settings included, as spool preset create takes it."`
}

// Run shows one preset.
func (c *presetGetCmd) Run(ctx context.Context, s *streams, preset *presetCmd) error {
	a, err := preset.open(ctx)
	if err != nil {
		return err
	}
	out, err := a.GetPreset(ctx, &mc.GetPresetInput{Name: aws.String(spool.ResourceName(c.Name))})
	if err != nil {
		return a.explain(err)
	}
	return printPreset(a, s.out, out.Preset, c.JSON)
}

func printPreset(a *api, w io.Writer, p *types.Preset, asJSON bool) error {
	if asJSON {
		return a.printJSON(w)
	}
	s := newScreen(w)
	s.field("preset", aws.ToString(p.Name))
	s.field("category", aws.ToString(p.Category))
	s.field("description", aws.ToString(p.Description))
	s.field("type", string(p.Type))
	if o := p.Settings; o != nil {
		what := ""
		if o.ContainerSettings != nil {
			what = string(o.ContainerSettings.Container)
		}
		s.field("output", strings.TrimSpace(what+codecs(o.VideoDescription, o.AudioDescriptions)))
	}
	s.field("created", s.moment(p.CreatedAt))
	s.field("changed", s.moment(p.LastUpdated))
	s.field("arn", aws.ToString(p.Arn))
	return nil
}

type presetCreateCmd struct {
	File        string            `arg:"" help:"Preset file: a whole request, a preset as the API or the console gives it, or bare settings; - for standard input."`
	Name        string            `placeholder:"NAME" help:"Name of the new preset, where the file has none or another one."`
	Category    *string           `short:"c" placeholder:"NAME" help:"Category to list it under."`
	Description *string           `short:"d" placeholder:"TEXT" help:"What it is for."`
	Tag         map[string]string `mapsep:"none" placeholder:"KEY=VALUE" help:"A tag; may be repeated."`
	JSON        bool              `help:"Print the API's own JSON."`
}

// Run makes a preset.
func (c *presetCreateCmd) Run(ctx context.Context, s *streams, preset *presetCmd) error {
	in := &mc.CreatePresetInput{}
	if err := readFile(c.File, "preset", in); err != nil {
		return err
	}
	if c.Name != "" {
		in.Name = &c.Name
	}
	if aws.ToString(in.Name) == "" {
		return &statusError{exitRequest, errNoName}
	}
	replace(&in.Category, c.Category)
	replace(&in.Description, c.Description)
	if len(c.Tag) > 0 {
		in.Tags = c.Tag
	}
	a, err := preset.open(ctx)
	if err != nil {
		return err
	}
	out, err := a.CreatePreset(ctx, in)
	if err != nil {
		return a.explain(err)
	}
	return printPreset(a, s.out, out.Preset, c.JSON)
}

type presetUpdateCmd struct {
	Name        string  `arg:"" help:"The preset's name or ARN."`
	File        string  `arg:"" optional:"" help:"Preset file whose members replace the preset's; - for standard input."`
	Category    *string `short:"c" placeholder:"NAME" help:"Category to list it under."`
	Description *string `short:"d" placeholder:"TEXT" help:"What it is for."`
	JSON        bool    `help:"Print the API's own JSON."`
}

// Run changes what the file and the flags name.
func (c *presetUpdateCmd) Run(ctx context.Context, s *streams, preset *presetCmd) error {
	in := &mc.UpdatePresetInput{}
	switch {
	case c.File != "":
		if err := readFile(c.File, "preset", in); err != nil {
			return err
		}
	case c.Category == nil && c.Description == nil:
		return &statusError{exitRequest, errors.New("nothing to change: name a file, or give --category or --description")}
	}
	in.Name = aws.String(spool.ResourceName(c.Name))
	replace(&in.Category, c.Category)
	replace(&in.Description, c.Description)
	a, err := preset.open(ctx)
	if err != nil {
		return err
	}
	out, err := a.UpdatePreset(ctx, in)
	if err != nil {
		return a.explain(err)
	}
	return printPreset(a, s.out, out.Preset, c.JSON)
}

type presetDeleteCmd struct {
	Name string `arg:"" help:"The preset's name or ARN."`
}

// Run deletes a preset.
func (c *presetDeleteCmd) Run(ctx context.Context, s *streams, preset *presetCmd) error {
	a, err := preset.open(ctx)
	if err != nil {
		return err
	}
	name := spool.ResourceName(c.Name)
	if _, err := a.DeletePreset(ctx, &mc.DeletePresetInput{Name: &name}); err != nil {
		return a.explain(err)
	}
	fmt.Fprintf(s.out, "deleted the preset %s\n", name)
	return nil
}
