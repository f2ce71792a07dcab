package service_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/google/go-cmp/cmp"

	"letterlock"
	"letterlock/internal/service"
)

// picture is one of a few colours.
func picture(width, height int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			m.Set(x, y, color.NRGBA{R: uint8(x / 8 * 8), G: 40, B: uint8(y / 8 * 8), A: 255})
		}
	}
	return m
}

func encoded(t testing.TB, encode func(b *bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) })
}

func TestSetBrand(t *testing.T) {
	companies(t, func(t *testing.T, h *company) {
		h.unchanged(t, func() {
			brand, err := h.Brand(ctx, h.member.Caller, h.org)
			if diff := cmp.Diff(&letterlock.Brand{}, brand); err != nil || diff != "" {
				t.Errorf("Brand at first: %v, (-want +got):\n%s", err, diff)
			}
		})
		set := func(n service.NewBrand) *letterlock.Brand {
			t.Helper()
			want(t, "SetBrand", h.SetBrand(ctx, h.admin.Caller, h.org, n), "ok")
			brand, err := h.Brand(ctx, h.member.Caller, h.org)
			if err != nil {
				t.Fatalf("Brand: %v", err)
			}
			return brand
		}
		comment := append(pngOf(t, picture(40, 30)), "the camera's position"...)
		brand := set(service.NewBrand{Name: " Acme ", Accent: "#8a1c1c", AccentDeep: "#5a0f0f", Logo: &comment})
		if brand.Name != "Acme" || brand.Accent != "#8a1c1c" || brand.AccentDeep != "#5a0f0f" {
			t.Errorf("Brand = %q, %s, %s", brand.Name, brand.Accent, brand.AccentDeep)
		}
		if bytes.Contains(brand.Logo, []byte("camera")) {
			t.Error("the logo has what was in the file beside the picture")
		}
		drawn, err := png.Decode(bytes.NewReader(brand.Logo))
		if err != nil || drawn.Bounds() != image.Rect(0, 0, 40, 30) || color.NRGBAModel.Convert(drawn.At(20, 20)) != picture(40, 30).At(20, 20) {
			t.Errorf("the logo is not a PNG of the same picture: %v", err)
		}
		logo := brand.Logo
		if brand = set(service.NewBrand{Name: "Acme"}); !bytes.Equal(brand.Logo, logo) || brand.Accent != "" {
			t.Error("SetBrand without a logo does not keep the one that was there")
		}
		photo := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, picture(64, 64), nil) })
		if brand = set(service.NewBrand{Logo: &photo}); !bytes.HasPrefix(brand.Logo, []byte("\x89PNG")) {
			t.Error("a JPEG is not kept as a PNG")
		}
		if brand = set(service.NewBrand{Logo: &[]byte{}}); brand.Logo != nil {
			t.Error("SetBrand with an empty logo keeps one")
		}
	})
}

func TestSetBrandRefuses(t *testing.T) {
	// A picture that would take half a gigabyte to decode, in a few bytes: the
	// size is in the first chunk, with a checksum.
	bomb := pngOf(t, image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.Black}))
	copy(bomb[16:24], []byte{0, 0, 0x80, 0, 0, 0, 0x40, 0})
	binary.BigEndian.PutUint32(bomb[29:33], crc32.ChecksumIEEE(bomb[12:29]))
	logos := map[string]struct {
		logo []byte
		want string
	}{
		"text": {[]byte("<svg onload=alert(1)>"), "invalid logo:not_a_picture"},
		"GIF":  {encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, picture(8, 8), nil) }), "invalid logo:not_a_picture"},
		"cut":  {pngOf(t, picture(64, 64))[:60], "invalid logo:not_a_picture"},
		"wide": {pngOf(t, picture(1025, 1)), "invalid logo:wrong_size"},
		"bomb": {bomb, "invalid logo:wrong_size"},
		"long": {append(pngOf(t, picture(8, 8)), make([]byte, service.MaxLogo)...), "invalid logo:wrong_size"},
		"noise": {encoded(t, func(b *bytes.Buffer) error {
			m := image.NewNRGBA(image.Rect(0, 0, 512, 512))
			copy(m.Pix, random(len(m.Pix)))
			return jpeg.Encode(b, m, &jpeg.Options{Quality: 20})
		}), "invalid logo:wrong_size"},
	}
	companies(t, func(t *testing.T, h *company) {
		h.unchanged(t, func() {
			for name, test := range logos {
				want(t, "SetBrand with a logo, "+name, h.SetBrand(ctx, h.admin.Caller, h.org, service.NewBrand{Logo: &test.logo}), test.want)
			}
			pale := service.NewBrand{Name: "two\nlines", Accent: "#eeeeee", AccentDeep: "red"}
			want(t, "SetBrand in pale", h.SetBrand(ctx, h.admin.Caller, h.org, pale),
				"invalid name:not_text accent:contrast accent_deep:not_a_colour")
		})
	})
}
