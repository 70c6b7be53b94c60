package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
)

// server are the flags of the commands that speak MediaConvert, to Spool or to
// AWS; they embed it.
type server struct {
	remote
	Region  string `env:"SPOOL_REGION,AWS_REGION,AWS_DEFAULT_REGION" placeholder:"NAME" help:"Region to sign for (default us-east-1, or the profile's)."`
	Profile string `env:"AWS_PROFILE" placeholder:"NAME" help:"Profile of the AWS files to take the key pair from."`
}

// awsItself is the endpoint that stands for AWS's own, in the region asked for.
const awsItself = "aws"

// where gives the server as messages name it.
func (s *server) where() string {
	if s.Endpoint == awsItself {
		return "AWS"
	}
	return s.Endpoint
}

// load gives the endpoint (nil: AWS's own), the region, and the key pair to
// sign with: that of a profile that is named, those that remote finds, or what
// the AWS files give otherwise.
func (s *server) load(ctx context.Context) (cfg aws.Config, endpoint *string, err error) {
	u := &url.URL{Scheme: "https", Host: "mediaconvert.amazonaws.com"}
	if s.Endpoint != awsItself {
		if u, err = s.base(); err != nil {
			return aws.Config{}, nil, err
		}
		endpoint = aws.String(u.String())
	}
	var none error
	options := []func(*awsconfig.LoadOptions) error{awsconfig.WithEC2IMDSClientEnableState(imds.ClientDisabled)}
	if isAWS(u) { // on a machine of AWS the machine itself may have a key pair
		options[0] = awsconfig.WithEC2IMDSClientEnableState(imds.ClientDefaultEnableState)
	}
	if s.Region != "" {
		options = append(options, awsconfig.WithRegion(s.Region))
	}
	if s.Profile != "" && (s.Data == nil || isAWS(u)) {
		options = append(options, awsconfig.WithSharedConfigProfile(s.Profile))
	} else {
		var keys aws.Credentials
		if keys, none = s.credentials(u); none == nil {
			options = append(options, awsconfig.WithCredentialsProvider(credentials.StaticCredentialsProvider{Value: keys}))
		} else if s.Data != nil {
			return aws.Config{}, nil, none
		}
	}
	if cfg, err = awsconfig.LoadDefaultConfig(ctx, options...); err != nil {
		return aws.Config{}, nil, &statusError{exitRequest, fmt.Errorf("read the AWS configuration: %w", err)}
	}
	if cfg.Region == "" {
		cfg.Region = region(u)
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		switch {
		case ctx.Err() != nil:
			return aws.Config{}, nil, ctx.Err()
		case none != nil:
			return aws.Config{}, nil, none
		}
		return aws.Config{}, nil, &statusError{exitRequest, fmt.Errorf("the AWS profile %q has no key pair that can be used", s.Profile)}
	}
	return cfg, endpoint, nil
}

// unreachable says what to do about a server that does not answer at all.
func (s *server) unreachable(op *net.OpError) error {
	cause := op.Err
	if inner := errors.Unwrap(cause); inner != nil {
		cause = inner
	}
	return &statusError{exitFailed, fmt.Errorf("%s can't be reached: %w. Is spool serve running there? --endpoint and SPOOL_ENDPOINT name another server", s.where(), cause)}
}

// aws tells whether the server is AWS's own.
func (s *server) aws() bool {
	if s.Endpoint == awsItself {
		return true
	}
	u, err := s.base()
	return err == nil && isAWS(u)
}
