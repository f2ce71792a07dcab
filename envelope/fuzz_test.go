package envelope

import (
	"bytes"
	"testing"
)

func FuzzParseLink(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.PathID, v.Fragment)
	}
	f.Add("", "")
	f.Fuzz(func(t *testing.T, id, fragment string) {
		link, err := ParseLink(id, fragment)
		if err != nil {
			if !isOurs(err) {
				t.Fatalf("ParseLink: %v, want an error of ours", err)
			}
			return
		}
		again, err := ParseLink(link.PathID(), link.Fragment())
		if err != nil || again.Key != link.Key || again.Password != link.Password {
			t.Fatalf("a link that parses does not survive being written: %v", err)
		}
	})
}

func FuzzParseURL(f *testing.F) {
	f.Add("https://share.example/s/wkvujgqs526n6gw6opkqwgugf4#aeaaaaicamcakbqhbaequcymbuha6earcijrifiwc4mbsgq3dqor4hy")
	f.Add("https://share.example/s/wkvujgqs526n6gw6opkqwgugf4%23aeaa")
	f.Fuzz(func(t *testing.T, text string) {
		if _, _, err := ParseURL(text); err != nil && !isOurs(err) {
			t.Fatalf("ParseURL: %v, want an error of ours", err)
		}
	})
}

func FuzzParseHeader(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add([]byte(v.Header))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseHeader(b)
		if err != nil {
			if !isOurs(err) {
				t.Fatalf("ParseHeader: %v, want an error of ours", err)
			}
			return
		}
		if newHeader(h.ID(), h.KDF(), [16]byte(h.salt())) != h {
			t.Fatal("a header that parses is not the one its fields make")
		}
	})
}

func FuzzParseManifest(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add([]byte(v.Manifest))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := parseManifest(b); err != nil && !isOurs(err) {
			t.Fatalf("parseManifest: %v, want an error of ours", err)
		}
	})
}

func FuzzUnpackPart0(f *testing.F) {
	part, _ := packPart0(newManifest(testIntent, testTime), "hunter2")
	f.Add(part)
	f.Fuzz(func(t *testing.T, b []byte) {
		_, text, err := unpackPart0(b)
		if err != nil && (!isOurs(err) || text != "") {
			t.Fatalf("unpackPart0: %d bytes, %v; want nothing and an error of ours", len(text), err)
		}
	})
}

func FuzzOpenPart(f *testing.F) {
	s, keys := sealed(f, "hunter2")
	f.Add(s.Content)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := keys.openPart(0, b); (err == nil) != bytes.Equal(b, s.Content) {
			t.Fatalf("openPart of %d bytes: %v; only what was sealed may open", len(b), err)
		}
	})
}
