package desk

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"nurture/internal/access"
	"nurture/internal/figure"
	"nurture/internal/oneline"
)

//go:embed pages
var pageFiles embed.FS

// pages are all pages by file name, each with the layout and the shared parts.
var pages = parsePages()

// parsePages reads pages/*.html: layout.html and parts.html are in each of the others.
func parsePages() map[string]*template.Template {
	base := template.Must(template.New("").Funcs(template.FuncMap{
		"asset": asset, "icon": icon, "words": words, "count": figure.CountThousands, "sentence": sentence,
		"number": figure.Thousands, "clip": clip,
	}).ParseFS(pageFiles, "pages/layout.html", "pages/parts.html"))
	names, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil {
		panic(err)
	}
	parsed := map[string]*template.Template{}
	for _, name := range names {
		if name != "pages/layout.html" && name != "pages/parts.html" {
			parsed[path.Base(name)] = template.Must(template.Must(base.Clone()).ParseFS(pageFiles, name))
		}
	}
	return parsed
}

// page is what the layout shows around the body.
type page struct {
	Title  string
	Path   string
	Notice string
	User   struct { // empty without a login
		ID                int64
		Name, Email, Role string
	}
	Nav  []navItem
	Body any
}

// Here says whether a line of the navigation is where the page is.
func (p page) Here(item navItem) bool {
	if item.Path == "/desk/queue" && strings.HasPrefix(p.Path, "/desk/tasks/") {
		return true
	}
	return p.Path == item.Path || strings.HasPrefix(p.Path, item.Path+"/")
}

// errNoForm is returned for a page that lacks the form that is to be shown again.
var errNoForm = errors.New("the page has no such form")

// render answers with a page: pages/name with body as .Body. It is made in full before a byte of it leaves, so that nobody gets half of one.
func (v *visit) render(status int, name, title string, body any) error {
	p := page{Title: title, Path: v.r.URL.Path, Body: body}
	if v.user.ID != 0 {
		p.User.ID, p.User.Name, p.User.Email, p.User.Role = v.user.ID, v.user.Name, v.user.Email, v.user.Role
		p.Nav = navFor(access.Role(v.user.Role))
		if !wantsData(v.r) { // a module that reads a part anew shows no notice
			p.Notice = v.desk.sessions.PopString(v.r.Context(), sessionNotice)
		}
	}
	var b strings.Builder
	if err := pages[name].ExecuteTemplate(&b, "layout", p); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	made := b.String()
	if v.user.ID != 0 {
		made = signForms(made, v.user.ID)
	}
	if v.wrong != nil {
		fields := 0
		if made, fields = putBack(made, v.wrong.path, v.r.PostForm, v.wrong); fields < 0 {
			return errNoForm
		}
		status = http.StatusUnprocessableEntity
	} else if v.user.ID != 0 && status == http.StatusOK {
		made = v.withTyped(made)
	}
	if err := v.commit(); err != nil {
		return err
	}
	v.status = status
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = io.WriteString(v.w, oneline.Seen(made)) // here, so that no page forgets it
	return nil
}

// words makes a name such as left_voicemail readable.
func words(v any) string { return strings.ReplaceAll(fmt.Sprint(v), "_", " ") }

// itoa writes a number.
func itoa(n int64) string { return strconv.FormatInt(n, 10) }
