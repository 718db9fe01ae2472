package desk

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"

	"nurture/store"
)

//go:embed assets
var assetFiles embed.FS

// assetVersion is a hash of all assets. It is a folder in their addresses, so that modules may import each other by relative names.
var assetVersion = hashAssets()

func hashAssets() string {
	sum := sha256.New()
	err := fs.WalkDir(assetFiles, "assets", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(assetFiles, name)
		sum.Write([]byte(name + "\x00"))
		sum.Write(content)
		return err
	})
	if err != nil {
		panic(err)
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

// asset is the address of an asset.
func asset(name string) string { return "/desk/assets/" + assetVersion + "/" + name }

// showAsset serves the style sheet and the modules: for ever under their own version, this once under another one, which a page of another
// version of the program asks for while a new one is rolled out.
func (d *Desk) showAsset(v *visit) error {
	name := v.r.PathValue("name")
	if _, err := fs.Stat(assetFiles, "assets/"+name); err != nil {
		return store.ErrNotFound
	}
	if v.r.PathValue("version") == assetVersion {
		v.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	v.status = http.StatusOK
	http.ServeFileFS(v.w, v.r, assetFiles, "assets/"+name)
	return nil
}

// icons are drawn on a grid of 16 by 16, in lines of the text's colour.
var icons = map[string]string{
	"queue":   `<path d="M2.5 4h11M2.5 8h11M2.5 12h7"/>`,
	"leads":   `<circle cx="8" cy="5" r="2.5"/><path d="M3 13.5c.6-2.6 2.5-4 5-4s4.4 1.4 5 4"/>`,
	"user":    `<circle cx="8" cy="8" r="6"/><circle cx="8" cy="6.5" r="2"/><path d="M4.3 12.6c.8-1.5 2.1-2.3 3.7-2.3s2.9.8 3.7 2.3"/>`,
	"phone":   `<path d="M3 2.5h2.5l1.2 3-1.6 1.2a8 8 0 0 0 4.2 4.2l1.2-1.6 3 1.2V13a1 1 0 0 1-1 1C7 14 2 9 2 3.5a1 1 0 0 1 1-1z"/>`,
	"mail":    `<rect x="2" y="3.5" width="12" height="9" rx="1.5"/><path d="m2.5 4.5 5.5 4 5.5-4"/>`,
	"clock":   `<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.3 1.5"/>`,
	"check":   `<path d="m3 8.5 3.2 3.2L13 4.8"/>`,
	"warning": `<path d="M8 2.5 14.5 13.5h-13z"/><path d="M8 6.5v3.5M8 11.8v.2"/>`,
	"search":  `<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>`,
	"logout":  `<path d="M6 2.5H3.5a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1H6M10.5 11l3-3-3-3M13 8H6"/>`,
	"right":   `<path d="m6 3.5 4.5 4.5L6 12.5"/>`,
	"chart":   `<path d="M3 13.500v-5M8 13.500v-11M13 13.500v-8"/>`,
	"pulse":   `<path d="M1.5 8.5h3l2-5 3 9 2-4h3"/>`,
	"inbox":   `<path d="M2 9.5 4 3.500h8l2 6v3a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1z"/><path d="M2 9.5h3.500l1 1.800h3l1-1.800H14"/>`,
	"barred":  `<circle cx="8" cy="8" r="6"/><path d="m3.8 3.8 8.4 8.4"/>`,
	"lock":    `<rect x="3" y="7" width="10" height="7" rx="1.5"/><path d="M5 7V5a3 3 0 0 1 6 0v2"/>`,
	"book":    `<path d="M3 2.500h8.500a1.5 1.5 0 0 1 1.5 1.500v9.500H4.500A1.5 1.5 0 0 1 3 12z"/><path d="M3 12a1.5 1.5 0 0 1 1.5-1.500H13M6 5.500h4"/>`,
	"keys":    `<rect x="1.5" y="4" width="13" height="8.5" rx="1.5"/><path d="M4 6.8h.1M6.6 6.8h.1M9.3 6.8h.1M12 6.8h.1M5 9.8h6"/>`,

	// of handoffs, cadences and stages
	"handoffs":  `<path d="M2 5h9M8.5 2.5 11 5 8.5 7.5M14 11H5M7.5 8.5 5 11l2.5 2.5"/>`,
	"cadences":  `<path d="M2 8h12"/><circle cx="3.5" cy="8" r="1.5"/><circle cx="8" cy="8" r="1.5"/><circle cx="12.5" cy="8" r="1.5"/>`,
	"stages":    `<path d="M2.5 13V9.5h2.7V13M6.7 13V6h2.7v7M10.8 13V3h2.7v10M1.5 13h13"/>`,
	"voicemail": `<circle cx="4.5" cy="8" r="2.5"/><circle cx="11.5" cy="8" r="2.5"/><path d="M4.5 10.5h7"/>`,
	"branch":    `<path d="M2 8h4l4-4h4M6 8l4 4h4"/>`,
}

// icon draws an icon, which says nothing to a screen reader: the text beside it does.
func icon(name string) template.HTML {
	return template.HTML(`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">` + icons[name] + `</svg>`) //nolint:gosec // all of it is ours
}
