package client_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log"
	"time"

	"letterlock"
	"letterlock/client"
	"letterlock/envelope"
)

// Share a text for one view within a day. Whoever has the printed link can open
// it; the manage token stays with the sender.
func ExampleClient_CreateSecret() {
	sealed, err := envelope.Seal("the door code is 4711", "", envelope.Intent{MaxViews: 1, ExpiresIn: 24 * time.Hour}, time.Now())
	if err != nil {
		log.Fatal(err)
	}
	manage := make(letterlock.Proof, 32)
	rand.Read(manage)

	const server = "https://share.example.org"
	c, err := client.New(server)
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.CreateSecret(context.Background(), &letterlock.NewSecret{
		Header:     letterlock.Header(sealed.Header),
		Commit:     sealed.Commit,
		LinkHash:   sealed.LinkHash,
		AccessHash: sealed.AccessHash,
		ManageHash: manage.Hash(),
		Content:    sealed.Content,
		Limits:     letterlock.Limits{Views: 1, ExpiresIn: 24 * time.Hour},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sealed.Link.URL(server))
}

// Find out, without counting anything, whether a link can still be opened.
func ExampleClient_PeekSecret() {
	server, link, err := envelope.ParseURL("https://share.example.org/s/…#…")
	if err != nil {
		log.Fatal(err)
	}
	c, err := client.New(server)
	if err != nil {
		log.Fatal(err)
	}
	seen, err := c.PeekSecret(context.Background(), letterlock.SecretID(link.PathID()), link.Proof())
	var refusal *letterlock.Refusal
	switch {
	case errors.Is(err, letterlock.ErrGone) && errors.As(err, &refusal):
		fmt.Println("It is over:", refusal.Reason)
	case err != nil:
		log.Fatal(err)
	default:
		fmt.Println("It can be opened until", seen.ExpiresAt)
	}
}
