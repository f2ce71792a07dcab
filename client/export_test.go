package client

import "time"

// Hasten makes the pauses between attempts short.
func (c *Client) Hasten() *Client {
	c.pause = time.Millisecond
	return c
}

// Attempts is how often a call is sent.
const Attempts = attempts
