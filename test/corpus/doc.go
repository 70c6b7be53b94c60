// Package corpus runs the jobs, presets and job templates of public projects on
// real footage, and measures every output against its settings with tools that
// are not part of the product.
package corpus
