// Package letterlock holds the nouns of the service and their laws: what a
// secret is, when it is over, who may do what with it, and every way in which
// something can be refused.
//
// Letterlock shares a secret with anyone on the internet, bound by time and by
// number of views. What it promises:
//
//   - A secret is opened at most as often as its sender allowed, however many
//     readers race for it, and the count survives crashes.
//   - A view is counted once, whatever is retried; a lost answer does not lose
//     the secret to a reader who comes back from the same tab in time.
//   - Looking at a link, following it or previewing it counts nothing.
//   - The server holds ciphertext only. The key is in the part of the link that
//     browsers never send.
//   - Shared content can never be changed.
//
// Vocabulary. A Secret is the sealed value with its [Limits]; its ciphertext is
// the envelope; the link opens it; a [View] is one counted opening; a secret is
// in one [State]; what remains for the sender after the end is the receipt; an
// [Event] is one line of what happened.
//
// This package does no I/O, reads no clock and imports nothing of ours.
package letterlock
