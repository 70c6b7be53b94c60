// Package audio runs jobs with tones of known pitch, level and place, and
// listens to what comes out: which track is heard in which channel, how loud, and
// at which sample.
package audio
