// Package clients holds tests that use Spool with the clients that people have:
// the AWS CLI, the AWS SDKs for Go, JavaScript and Python, curl, and a browser.
//
// They look at Spool from outside only, and demand the words and types of answers
// as those clients show them.
//
// TestCompatibility tells the same stories to every client of MediaConvert: tables
// of calls with what must come of each (steps_*_test.go), done by drivers that
// know nothing of them (driver_test.go, py/driver.py, js/driver.mjs).
package clients
