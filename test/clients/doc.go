// Package clients holds tests that use Spool with the clients that people have:
// the AWS CLI, the AWS SDKs for Go, JavaScript and Python, curl, and a browser.
//
// They look at Spool from outside only, and demand the words and types of answers
// as those clients show them.
package clients
