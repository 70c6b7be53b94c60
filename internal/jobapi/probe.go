package jobapi

import (
	"golang.org/x/sync/errgroup"

	"spool/internal/mediaconvert"
	"spool/internal/spool"
)

// probe looks into the files at the same time; what is wrong with one of them
// is the answer to all (behaviour.md 1.17).
func probe(d *door, c call) ([]byte, error) {
	urls, err := mediaconvert.DecodeProbe(c.body)
	if err != nil {
		return nil, err
	}
	results := make([]spool.ProbeResult, len(urls))
	group, ctx := errgroup.WithContext(c.ctx)
	for i, url := range urls {
		group.Go(func() (err error) {
			results[i], err = d.Prober.Probe(ctx, url)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return mediaconvert.ProbeAnswer(results)
}
