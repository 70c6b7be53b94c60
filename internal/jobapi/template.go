package jobapi

import (
	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

func createJobTemplate(d *door, c call) ([]byte, error) {
	asked, err := mediaconvert.DecodeCreateJobTemplate(c.body, mediaconvert.FormWire)
	if err != nil {
		return nil, err
	}
	return d.template(d.Templates.CreateJobTemplate(c.ctx, asked))
}

// template answers with a template that a stage gave.
func (d *door) template(p spool.JobTemplate, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return mediaconvert.JobTemplateAnswer(p, d.Identity)
}

func getJobTemplate(d *door, c call) ([]byte, error) {
	name, err := c.name(spool.KindTemplate)
	if err != nil {
		return nil, err
	}
	return d.template(d.Templates.GetJobTemplate(c.ctx, name))
}

func updateJobTemplate(d *door, c call) ([]byte, error) {
	name, err := c.name(spool.KindTemplate)
	if err != nil {
		return nil, err
	}
	change, err := mediaconvert.DecodeUpdateJobTemplate(c.body)
	if err != nil {
		return nil, err
	}
	return d.template(d.Templates.UpdateJobTemplate(c.ctx, name, change))
}

func deleteJobTemplate(d *door, c call) ([]byte, error) {
	name, err := c.name(spool.KindTemplate)
	if err != nil {
		return nil, err
	}
	return empty, d.Templates.DeleteJobTemplate(c.ctx, name)
}

func listJobTemplates(d *door, c call) ([]byte, error) {
	p, f, err := c.catalogPage("jobTemplates")
	if err != nil {
		return nil, err
	}
	list, more, err := d.Templates.ListJobTemplates(c.ctx, f)
	if err != nil {
		return nil, err
	}
	next := ""
	if more && len(list) > 0 {
		next = writeToken(list[len(list)-1].Place(f.ByCreation), p.list)
	}
	return mediaconvert.JobTemplatesAnswer(list, next, d.Identity)
}
