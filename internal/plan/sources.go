package plan

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/mediaconvert/types"
)

// addPicture names the files beside the inputs that the picture is made from.
func (l *sourceList) addPicture(s *types.JobSettings) {
	for i := range s.Inputs {
		in, at := &s.Inputs[i], "/inputs/"+strconv.Itoa(i)
		l.addImages(in.ImageInserter, at+"/imageInserter")
		if g := in.VideoGenerator; g != nil {
			l.put(Source{URI: aws.ToString(g.ImageInput), Pointer: at + "/videoGenerator/imageInput", Image: true})
		}
		for k, o := range in.VideoOverlays {
			if o.Input != nil {
				l.add(aws.ToString(o.Input.FileInput), at+"/videoOverlays/"+strconv.Itoa(k)+"/input/fileInput", true)
			}
		}
	}
	if m := s.MotionImageInserter; m != nil {
		l.add(aws.ToString(m.Input), "/motionImageInserter/input", true)
	}
	for i := range s.ColorConversion3DLUTSettings {
		l.put(Source{URI: aws.ToString(s.ColorConversion3DLUTSettings[i].FileInput), Pointer: "/colorConversion3DLUTSettings/" + strconv.Itoa(i) + "/fileInput", LUT: true})
	}
	for i := range s.OutputGroups {
		for j := range s.OutputGroups[i].Outputs {
			vd := s.OutputGroups[i].Outputs[j].VideoDescription
			if vd == nil || vd.VideoPreprocessors == nil {
				continue
			}
			at := "/outputGroups/" + strconv.Itoa(i) + "/outputs/" + strconv.Itoa(j) + "/videoDescription/videoPreprocessors"
			l.addImages(vd.VideoPreprocessors.ImageInserter, at+"/imageInserter")
		}
	}
}

func (l *sourceList) addImages(ins *types.ImageInserter, at string) {
	if ins == nil {
		return
	}
	for i, image := range ins.InsertableImages {
		l.put(Source{URI: aws.ToString(image.ImageInserterInput), Pointer: at + "/insertableImages/" + strconv.Itoa(i) + "/imageInserterInput", Image: true})
	}
}
