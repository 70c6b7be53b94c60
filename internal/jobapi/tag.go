package jobapi

import "spool/internal/mediaconvert"

func listTagsForResource(d *door, c call) ([]byte, error) {
	r, err := mediaconvert.ParseResource("/arn", c.id, d.Identity)
	if err != nil {
		return nil, err
	}
	tags, err := d.Tags.Tags(c.ctx, r)
	if err != nil {
		return nil, err
	}
	return mediaconvert.TagsAnswer(r, tags, d.Identity)
}

func tagResource(d *door, c call) ([]byte, error) {
	r, tags, err := mediaconvert.DecodeTagResource(c.body, d.Identity)
	if err != nil {
		return nil, err
	}
	return empty, d.Tags.Tag(c.ctx, r, tags)
}

func untagResource(d *door, c call) ([]byte, error) {
	r, err := mediaconvert.ParseResource("/arn", c.id, d.Identity)
	if err != nil {
		return nil, err
	}
	keys, err := mediaconvert.DecodeUntagResource(c.body)
	if err != nil {
		return nil, err
	}
	return empty, d.Tags.Untag(c.ctx, r, keys)
}
