package desk

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nurture/store"
)

// typedForm is a form that met the end of a session. It waits in a session without a user, for who sent it alone, and is never sent again by itself.
type typedForm struct {
	User   int64 // whose page it was
	Path   string
	Fields url.Values
	At     time.Time // of the real clock
}

// typedLife is how long a form waits for the login and the page that it is put back into.
const typedLife = time.Hour

// typistCookie holds, sealed, who logged in last: it opens nothing, and says whose form it was that arrives without a session. It outlives the longest session.
const (
	typistCookie = "nurture_desk_typist"
	typistLife   = 2 * sessionMost
)

// secretFields are never kept: they are what people prove themselves by.
var secretFields = []string{"password", "old", "new"}

// rememberTypist notes in the browser who logged in.
func (v *visit) rememberTypist(user int64) error {
	sealing, err := v.desk.sealing(v.r.Context())
	if err != nil {
		return err
	}
	sealed := sealing.Seal(nil, nil, []byte(itoa(user)), []byte(typistCookie))
	http.SetCookie(v.w, &http.Cookie{
		Name: typistCookie, Value: base64.RawURLEncoding.EncodeToString(sealed), Path: cookiePath, Expires: v.desk.realNow().Add(typistLife),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: encrypted(v.r),
	})
	return nil
}

// typist is who logged in last in this browser; 0 when that cannot be told, and for whom the desk is closed to: nothing is kept for them.
func (v *visit) typist() int64 {
	id := v.sealedTypist()
	if id == 0 {
		return 0
	}
	if u, err := store.GetUser(v.r.Context(), v.desk.pool, id); err != nil || u.DisabledAt != nil {
		return 0
	}
	return id
}

// sealedTypist is whom the browser's cookie names; 0 when it is none of ours.
func (v *visit) sealedTypist() int64 {
	cookie, err := v.r.Cookie(typistCookie)
	if err != nil {
		return 0
	}
	sealing, err := v.desk.sealing(v.r.Context())
	if err != nil {
		return 0
	}
	sealed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || len(sealed) < sealing.Overhead() {
		return 0
	}
	plain, err := sealing.Open(nil, nil, sealed, []byte(typistCookie))
	if err != nil {
		return 0
	}
	id, _ := strconv.ParseInt(string(plain), 10, 64)
	return id
}

// keepTyped keeps the form of a request that has no session any more.
func (v *visit) keepTyped() error {
	user := v.typist()
	if user == 0 || v.form() != nil || v.r.URL.Path == "/desk/logout" {
		return nil
	}
	if whose := v.reader(); whose != 0 && whose != user { // who logged in last left before, or came later
		return nil
	}
	kept := typedForm{User: user, Path: v.r.URL.Path, Fields: url.Values{}, At: v.desk.realNow().UTC()}
	for name, values := range v.r.PostForm {
		if !slices.Contains(secretFields, name) {
			kept.Fields[name] = values
		}
	}
	data, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	ctx, s := v.r.Context(), v.desk.sessions
	s.Put(ctx, sessionTyped, string(data))
	s.SetDeadline(ctx, kept.At.Add(typedLife))
	return v.commit()
}

// typedBefore is the form that waits for the user; false when there is none.
func (v *visit) typedBefore() (typedForm, bool) {
	var kept typedForm
	data := v.desk.sessions.GetString(v.r.Context(), sessionTyped)
	if data == "" || json.Unmarshal([]byte(data), &kept) != nil || kept.User != v.user.ID || v.desk.realNow().Sub(kept.At) > typedLife {
		return typedForm{}, false
	}
	return kept, true
}

// withTyped puts the form that waits for the user back into a page, if that is its page. It waits no more then.
func (v *visit) withTyped(page string) string {
	ctx, s := v.r.Context(), v.desk.sessions
	if !s.Exists(ctx, sessionTyped) || wantsData(v.r) {
		return page
	}
	kept, due := v.typedBefore()
	if !due {
		s.Remove(ctx, sessionTyped)
		return page
	}
	filled, fields := putBack(page, kept.Path, kept.Fields, nil)
	if fields < 0 {
		if home, _, ok := v.desk.formPage(kept.Path); !ok || home != v.r.URL.Path {
			return page
		}
		filled = tellLost(page, kept.Fields)
	}
	s.Remove(ctx, sessionTyped)
	return filled
}

// formPage is the page that the form of a path stands on: the nearest above it that can be read.
func (d *Desk) formPage(path string) (string, route, bool) {
	for ; path != "/desk" && path != ""; path = path[:strings.LastIndex(path, "/")] {
		pattern := d.route(http.MethodGet, path)
		if i := slices.IndexFunc(routes, func(r route) bool { return r.pattern == pattern }); i >= 0 && pattern != nothing {
			return path, routes[i], true
		}
	}
	return "", route{}, false
}

// wrongField is an error for people about a field of the form that was sent: the page of the form is shown again, with all that was sent and this beside the field.
type wrongField struct {
	name string // of the field
	text string // a sentence
	path string // where the form was sent; set when it is shown again
}

// Error implements error.
func (w wrongField) Error() string { return w.text }

// showAgain answers a form by its page, with what was sent and what is wrong with it; false when that cannot be done, and nothing is answered yet.
func (v *visit) showAgain(wrong wrongField) bool {
	path, page, ok := v.desk.formPage(v.r.URL.Path)
	if !ok || wantsData(v.r) || !slices.Contains(page.roles, v.role()) {
		return false
	}
	again := *v
	wrong.path = v.r.URL.Path
	again.wrong, again.r = &wrong, v.r.Clone(v.r.Context())
	again.r.URL = &url.URL{Path: path}
	if from, err := url.Parse(v.r.Referer()); err == nil && from.Host == v.r.Host && from.Path == path {
		again.r.URL.RawQuery = from.RawQuery // the part of the page that was read
	}
	err := page.handle(v.desk, &again)
	v.status = again.status
	return err == nil
}
