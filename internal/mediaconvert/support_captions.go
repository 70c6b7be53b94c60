package mediaconvert

const (
	atCaptionSource = atInput + "captionSelectors/*/sourceSettings/"
	atCaption       = atOutput + "captionDescriptions/*/"
	atCaptionDest   = atCaption + "destinationSettings/"
)

// Where captions can be read from, and what they can be made into; check_captions.go
// refuses the other pairs where an output asks for them.
const (
	captionSourcesRead   = "SRT WEBVTT TTML SMPTE_TT IMSC SCC SMI STL TT_3GPP EMBEDDED NULL_SOURCE"
	captionKindsWritten  = "BURN_IN EMBEDDED SRT WEBVTT TTML IMSC SCC SMI"
	noCaptionSource      = "captions of this type are not read: an output that asks for them is refused"
	noCaptionDestination = "captions are not written in this form, and without them the output would not be what you ask for"
)

// captionInputs are the selectors of captions.
func (b tableBuilder) captionInputs() {
	b.honour(atInput+"captionSelectors/*/", "languageCode customLanguageCode", "the language of outputs that name none, and which of several a SAMI file gives")
	b.only(atCaptionSource, "sourceType", captionSourcesRead, "how the captions are read", noCaptionSource)
	file := atCaptionSource + "fileSourceSettings/"
	b.honour(file, "sourceFile", "the file that is fetched and read")
	b.honour(file, "timeDelta timeDeltaUnits", "moves every caption; later when positive")
	b.honour(file+"framerate/", "framerateNumerator framerateDenominator", "the frames that the timecodes of an SCC file count")
	b.ignore(file, "convert608To708", "", "no CEA-708 services are written")
	b.nothing(file, "convertPaintToPop", "captions of every style become whole texts, as pop-on ones are")
	b.ignore(file, "byteRateLimit upconvertSTLToTeletext", "", "the file is read as it is")
	embedded := atCaptionSource + "embeddedSourceSettings/"
	b.honour(embedded, "source608ChannelNumber", "CC1 to CC4")
	b.nothing(embedded, "source608TrackNumber", "1 is all that there is")
	b.honour(embedded, "terminateCaptions", "DISABLED lets the last text of an input stay on over the next")
	b.ignore(embedded, "convert608To708", "", "no CEA-708 services are written")
	b.honour(atCaptionSource+"trackSourceSettings/", "trackNumber streamNumber", "the text track that is taken out, counted among those or among all")
	b.nothing(atCaptionSource+"ancillarySourceSettings/", "**", noCaptionSource)
	b.nothing(atCaptionSource+"dvbSubSourceSettings/", "**", noCaptionSource)
	b.nothing(atCaptionSource+"teletextSourceSettings/", "**", noCaptionSource)
	b.nothing(atCaptionSource+"webvttHlsSourceSettings/", "**", noCaptionSource)
}

// captionOutputs are the captions of outputs.
func (b tableBuilder) captionOutputs() {
	b.honour(atCaption, "captionSelectorName", "the captions of this selector, in each input that has it")
	b.honour(atCaption, "languageCode customLanguageCode", "the language that playlists and files say")
	b.honour(atCaption, "languageDescription", "NAME in playlists")
	b.orRefuse(atCaptionDest, "destinationType", captionKindsWritten, "BURN_IN: an ass filter; EMBEDDED: -a53cc; the others: a file of its own, or segments", noCaptionDestination)

	burn := atCaptionDest + "burninDestinationSettings/"
	b.honour(burn, "alignment xPosition yPosition", "\\an and \\pos in the ASS that is drawn")
	b.honour(burn, "fontColor hexFontColor fontOpacity applyFontColor", "PrimaryColour of the style; with stylePassthrough, which text gets it")
	b.honour(burn, "fontSize fontResolution", "Fontsize, in pixels at 96 dpi; 0 is 6 % of the shorter side")
	b.honour(burn, "outlineColor outlineSize", "OutlineColour and Outline")
	b.honour(burn, "backgroundColor backgroundOpacity", "a box behind the text")
	b.honour(burn, "shadowColor shadowOpacity shadowXOffset shadowYOffset", "BackColour, \\xshad and \\yshad")
	b.honour(burn, "stylePassthrough", "styles, colours and places of the captions themselves")
	b.honour(burn, "fallbackFont fontScript", "Fontname")
	b.honour(burn, "fontFileRegular fontFileBold fontFileItalic fontFileBoldItalic", "the fonts that the filter is given")
	b.honour(burn, "teletextSpacing", "FIXED_GRID: a monospaced font for captions from a grid")
	b.nothing(burn, "removeRubyReserveAttributes", "no space is kept for ruby text")

	style := "the styles of the captions are kept"
	b.honour(atCaptionDest+"srtDestinationSettings/", "stylePassthrough", style)
	b.honour(atCaptionDest+"ttmlDestinationSettings/", "stylePassthrough", style)
	b.honour(atCaptionDest+"imscDestinationSettings/", "stylePassthrough", style)
	b.honour(atCaptionDest+"imscDestinationSettings/", "accessibility", "CHARACTERISTICS in HLS playlists, and the role caption in DASH manifests")
	b.honour(atCaptionDest+"webvttDestinationSettings/", "stylePassthrough", style+"; STRICT: cues stand as in the WebVTT file they come from")
	b.honour(atCaptionDest+"webvttDestinationSettings/", "accessibility", "CHARACTERISTICS in HLS playlists, and the role caption in DASH manifests")
	b.honour(atCaptionDest+"sccDestinationSettings/", "framerate", "the frames that its timecodes count")
	b.honour(atCaptionDest+"embeddedDestinationSettings/", "destination608ChannelNumber", "the field and channel of the CEA-608 data")
	b.ignore(atCaptionDest+"embeddedDestinationSettings/", "destination708ServiceNumber", "", "no CEA-708 services are written")
	for _, name := range []string{"dvbSubDestinationSettings/", "teletextDestinationSettings/"} {
		b.nothing(atCaptionDest+name, "**", "the type of destination is refused")
	}
}
