package spool

import "time"

// VideoStatus is the state of a video:
// INGEST → ENCODE → PROCESS → COMPLETE | ERROR; PROCESS only where frames are
// processed. A video may fail from every state but the last two.
type VideoStatus string

// The states of a video.
const (
	VideoIngest   VideoStatus = "Ingest"
	VideoEncode   VideoStatus = "Encode"
	VideoProcess  VideoStatus = "Process"
	VideoComplete VideoStatus = "Complete"
	VideoError    VideoStatus = "Error"
)

// CanMove tells whether a video may go from one state to another.
func (s VideoStatus) CanMove(to VideoStatus) bool {
	switch s {
	case VideoIngest:
		return to == VideoEncode || to == VideoError
	case VideoEncode:
		return to == VideoProcess || to == VideoComplete || to == VideoError
	case VideoProcess:
		return to == VideoComplete || to == VideoError
	default:
		return false
	}
}

// Video is one uploaded source and all that became of it. The JSON names are
// those that the five systems use in their tables.
type Video struct {
	GUID            string      `json:"guid"`
	StartTime       time.Time   `json:"startTime"`
	EndTime         *time.Time  `json:"endTime,omitempty"`
	WorkflowTrigger string      `json:"workflowTrigger"` // "Video" when an upload started it
	WorkflowStatus  VideoStatus `json:"workflowStatus"`
	WorkflowName    string      `json:"workflowName"` // the pipeline's name
	WorkflowErrorAt string      `json:"workflowErrorAt,omitempty"`
	ErrorMessage    string      `json:"errorMessage,omitempty"`
	ErrorCode       int         `json:"errorCode,omitempty"`

	SrcBucket    string `json:"srcBucket"`
	SrcVideo     string `json:"srcVideo"` // the key
	SrcETag      string `json:"srcETag,omitempty"`
	SrcSize      int64  `json:"srcSize"`
	SrcMediainfo string `json:"srcMediainfo,omitempty"` // a JSON string: {filename, container, video, audio, text}
	SrcWidth     int    `json:"srcWidth,omitempty"`
	SrcHeight    int    `json:"srcHeight,omitempty"`
	DestBucket   string `json:"destBucket,omitempty"`

	IngressVideoBucket string `json:"IngressVideoBucket,omitempty"`
	IngressVideoKey    string `json:"IngressVideoKey,omitempty"`
	MediaConvertJobID  string `json:"MediaConvertJobId,omitempty"`
	MediaConvertStatus string `json:"MediaConvertStatus,omitempty"`
	TotalFrames        *int64 `json:"TotalFrames,omitempty"` // captures of a frame-capture output

	EncodingProfile int               `json:"encodingProfile,omitempty"`
	JobTemplate     string            `json:"jobTemplate,omitempty"`
	EncodeJobID     string            `json:"encodeJobId,omitempty"`
	Percent         int               `json:"percent"`
	Phase           JobPhase          `json:"phase,omitempty"`
	UserMetadata    map[string]string `json:"userMetadata,omitempty"`

	HLSPlaylist string `json:"hlsPlaylist,omitempty"` // s3:// URI
	HLSURL      string `json:"hlsUrl,omitempty"`      // as delivered

	DASHPlaylist     string `json:"dashPlaylist,omitempty"` // of the first group of its type, as all of these
	DASHURL          string `json:"dashUrl,omitempty"`
	CMAFHLSPlaylist  string `json:"cmafHlsPlaylist,omitempty"`
	CMAFHLSURL       string `json:"cmafHlsUrl,omitempty"`
	CMAFDASHPlaylist string `json:"cmafDashPlaylist,omitempty"`
	CMAFDASHURL      string `json:"cmafDashUrl,omitempty"`
	MSSPlaylist      string `json:"mssPlaylist,omitempty"` // the server's manifest, .ism
	MSSURL           string `json:"mssUrl,omitempty"`      // what players ask for: the manifest's address and /Manifest

	MP4Outputs     []string `json:"mp4Outputs,omitempty"`
	MP4URLs        []string `json:"mp4Urls,omitempty"`
	ThumbNails     []string `json:"thumbNails,omitempty"`
	ThumbNailsURLs []string `json:"thumbNailsUrls,omitempty"`
}

// VideoFilter selects videos for a list, newest first.
type VideoFilter struct {
	Status VideoStatus // empty: every status
	Limit  int         // 1..; the door caps it
	After  string      // GUID of the last video of the page before; empty: from the newest
}
