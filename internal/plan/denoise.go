package plan

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// inputFilters clean a source for all outputs (behaviour.md 5.2): FORCE with a
// strength, blocks, noise. AUTO leaves the picture alone, as DISABLE does: what
// the service would filter by itself is not known.
func inputFilters(in *types.Input) []filter {
	var fs []filter
	if in.DeblockFilter == types.InputDeblockFilterEnabled {
		fs = append(fs, plain("deblock=filter=strong:block=8")...)
	}
	if in.DenoiseFilter == types.InputDenoiseFilterEnabled {
		fs = append(fs, plain("hqdn3d=3:2.25:4:3")...)
	}
	if n := aws.ToInt32(in.FilterStrength); in.FilterEnable == types.InputFilterEnableForce && n > 0 {
		fs = append(fs, plain("deblock=filter=weak:block=8", fmt.Sprintf("hqdn3d=luma_spatial=%.2f", float64(n)))...)
	}
	if in.AdvancedInputFilter == types.AdvancedInputFilterEnabled {
		fs = append(fs, plain("hqdn3d=1.5:1.5:3:3")...)
		a := in.AdvancedInputFilterSettings
		if a == nil {
			return fs
		}
		switch a.Sharpening {
		case types.AdvancedInputFilterSharpenLow:
			fs = append(fs, plain("cas=strength=0.3")...)
		case types.AdvancedInputFilterSharpenHigh:
			fs = append(fs, plain("cas=strength=0.7")...)
		}
		if a.AddTexture == types.AdvancedInputFilterAddTextureEnabled {
			fs = append(fs, plain("noise=c0_seed=1:c0_strength=4:c0_flags=t")...)
		}
	}
	return fs
}

// reduceNoise writes an output's noise reducer. Strengths are those of the API,
// spread over what the filters offer.
func reduceNoise(n *types.NoiseReducer) []filter {
	if n == nil {
		return nil
	}
	strength := int32(1)
	if n.FilterSettings != nil && n.FilterSettings.Strength != nil {
		strength = *n.FilterSettings.Strength
	}
	k := float64(strength)
	switch n.Filter {
	case types.NoiseReducerFilterBilateral:
		return some(strength, fmt.Sprintf("bilateral=sigmaS=%.1f:sigmaR=%.3f:planes=7", 1+k, 0.02*k))
	case types.NoiseReducerFilterMean:
		return some(strength, fmt.Sprintf("avgblur=sizeX=%d", strength))
	case types.NoiseReducerFilterGaussian:
		return some(strength, fmt.Sprintf("gblur=sigma=%.2f", 0.4*k))
	case types.NoiseReducerFilterLanczos:
		return some(strength, fmt.Sprintf("unsharp=lx=7:ly=7:la=%.2f", -0.25*k))
	case types.NoiseReducerFilterSharpen:
		return some(strength, fmt.Sprintf("unsharp=lx=5:ly=5:la=%.1f:cx=5:cy=5:ca=0", 0.4*k))
	case types.NoiseReducerFilterConserve:
		return some(strength, fmt.Sprintf("median=radius=1:percentile=%.2f", 0.5), fmt.Sprintf("unsharp=lx=3:ly=3:la=%.2f", 0.9-0.3*k))
	case types.NoiseReducerFilterSpatial:
		return spatial(n.SpatialFilterSettings)
	case types.NoiseReducerFilterTemporal:
		return temporal(n.TemporalFilterSettings)
	default:
		return nil
	}
}

// some gives filters unless the strength is 0.
func some(strength int32, texts ...string) []filter {
	if strength == 0 {
		return nil
	}
	return plain(texts...)
}

// spatial cleans each picture by itself. The lower speeds look for similar places
// in the whole neighbourhood.
func spatial(s *types.NoiseReducerSpatialFilterSettings) []filter {
	if s == nil {
		s = &types.NoiseReducerSpatialFilterSettings{}
	}
	strength, speed := int32(4), aws.ToInt32(s.Speed)
	if s.Strength != nil {
		strength = *s.Strength
	}
	var fs []filter
	switch {
	case strength == 0:
	case speed < 0:
		fs = plain(fmt.Sprintf("nlmeans=s=%.2f:p=5:r=%d", 1+float64(strength)*0.5, 5-4*speed))
	case speed == 0:
		fs = plain(fmt.Sprintf("hqdn3d=luma_spatial=%.2f:luma_tmp=0.01:chroma_tmp=0.01", float64(strength)))
	default:
		fs = plain(fmt.Sprintf("smartblur=lr=%.1f:ls=0.8:lt=%d", 1/float64(speed)+0.5, min(30, strength)))
	}
	if post := aws.ToInt32(s.PostFilterSharpenStrength); post > 0 {
		fs = append(fs, plain(fmt.Sprintf("unsharp=lx=5:ly=5:la=%.1f", 0.25*float64(post)))...)
	}
	return fs
}

// temporal cleans pictures with their neighbours.
func temporal(s *types.NoiseReducerTemporalFilterSettings) []filter {
	if s == nil {
		s = &types.NoiseReducerTemporalFilterSettings{}
	}
	strength, speed, mode := int32(4), aws.ToInt32(s.Speed), aws.ToInt32(s.AggressiveMode)
	if s.Strength != nil {
		strength = *s.Strength
	}
	var fs []filter
	switch {
	case strength == 0:
	case speed < 0:
		// the most pictures, weighed by how alike they are
		fs = plain(fmt.Sprintf("atadenoise=0a=%.4f:0b=%.4f:1a=%.4f:1b=%.4f:2a=%.4f:2b=%.4f:s=%d",
			0.005*float64(strength), 0.01*float64(strength), 0.005*float64(strength), 0.01*float64(strength), 0.005*float64(strength), 0.01*float64(strength), 9+4*mode))
	default:
		// aggressive modes clean each picture by itself too, higher speeds less
		fs = plain(fmt.Sprintf("hqdn3d=luma_spatial=%.2f:luma_tmp=%.2f", 0.01+float64(mode)*float64(4-speed)/4, float64(strength)*1.5))
	}
	var amount float64
	switch s.PostTemporalSharpening {
	case types.NoiseFilterPostTemporalSharpeningEnabled:
		amount = 0.5
	case types.NoiseFilterPostTemporalSharpeningAuto:
		amount = 0.03 * float64(strength)
	default:
		return fs
	}
	switch s.PostTemporalSharpeningStrength {
	case types.NoiseFilterPostTemporalSharpeningStrengthLow:
		amount /= 2
	case types.NoiseFilterPostTemporalSharpeningStrengthHigh:
		amount *= 2
	}
	return append(fs, plain(fmt.Sprintf("unsharp=lx=5:ly=5:la=%.2f", amount))...)
}
