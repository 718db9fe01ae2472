package desk

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"nurture/store"
)

// readerField of every form says for whom its page was made: two people may share a browser, and a page that one left open must not act as the other. It keeps
// out nobody who means harm; that is what http.CrossOriginProtection is for.
const readerField = "reader"

// postForm is the opening tag of a form that changes something; a quoted value cannot hold a bare >, for templates escape it.
var postForm = regexp.MustCompile(`<form\b[^>]*\bmethod="post"[^>]*>`)

// signForms writes into all forms of a page for whom it was made, so that no template forgets it.
func signForms(page string, reader int64) string {
	return postForm.ReplaceAllString(page, `$0<input type="hidden" name="`+readerField+`" value="`+itoa(reader)+`">`)
}

// otherReader is a form of a page that was made for somebody else than who is logged in now.
type otherReader struct{ id int64 }

// Error implements error.
func (otherReader) Error() string { return "the page was made for somebody else" }

// reader is for whom the page of a form was made; 0 when it does not say so.
func (v *visit) reader() int64 {
	id, err := strconv.ParseInt(v.r.PostForm.Get(readerField), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// ownPage refuses a change that was asked for on somebody else's page. Whoever wants to log out may.
func (v *visit) ownPage(route route) error {
	if !route.changes() || v.user.ID == 0 || v.r.URL.Path == "/desk/logout" {
		return nil
	}
	if err := v.form(); err != nil {
		return err
	}
	if id := v.reader(); id != 0 && id != v.user.ID {
		return otherReader{id}
	}
	return nil
}

// strangePage tells that a page was somebody else's, and shows what was typed there: whoever typed it can take it along.
type strangePage struct {
	Whose  string // whose page it was
	Now    string // who is logged in
	Asked  string // what was asked, and about whom; "" when the one who is logged in may not do it anyway
	Typed  []typedField
	Path   string // where the form was sent, to send it again; "" when who is logged in may not, or must not because of a password
	Home   string // the page that the form stands on, where who is logged in may read it
	Hidden []typedField
}

// typedField is a field as it was sent.
type typedField struct{ Name, Label, Value string }

// notTyped are the fields of forms that nobody types into.
var notTyped = []string{readerField, heldField, "who", "then", "until"}

// askedWords are what forms ask for whose path does not end in a word that says it.
var askedWords = map[string]string{
	"log": "log the task", "claim": "take the task", "release": "give the task back", "snooze": "put the task off", "fields": "correct a field",
	"proposals": "decide on a value", "outcome": "say what became of it", "reassign": "offer it to somebody else", "aside": "set the mail aside",
	"assign": "say whose the mail is", "unknown": "say whether it was sent", "zone": "change the time zone", "next": "start the next task",
	"users": "let somebody in", "role": "change the role", "disable": "keep the user out", "enable": "let the user in again",
	"tokens": "make a token", "add": "suppress the address", "check": "check the address", "lift": "lift the suppression",
}

// asked says what a form of a known route asked for, and of which lead if of one, so that nobody does it blindly.
func (v *visit) asked() (string, error) {
	parts := strings.Split(strings.TrimSuffix(v.r.Pattern, "/{id}"), "/")
	last := parts[len(parts)-1]
	words := cmp.Or(askedWords[last], last)
	id, err := v.id()
	if err != nil || len(parts) < 3 { // it is about nobody
		return words, nil
	}
	ctx, db := v.r.Context(), v.desk.pool
	switch parts[2] {
	case "leads":
	case "tasks":
		var task store.Task
		task, err = store.GetTask(ctx, db, id)
		id = task.LeadID
	case "handoffs":
		var h store.Handoff
		h, err = store.GetHandoff(ctx, db, id)
		id = h.LeadID
	default:
		return words, nil
	}
	var lead store.Lead
	if err == nil {
		lead, err = store.LeadByID(ctx, db, id)
	}
	if errors.Is(err, store.ErrNotFound) {
		return words, nil
	}
	return words + ": " + lead.FullName(), err
}

// refuseStrange answers a form of somebody else's page.
func (v *visit) refuseStrange(other otherReader) error {
	whose, err := store.GetUser(v.r.Context(), v.desk.pool, other.id)
	if errors.Is(err, store.ErrNotFound) {
		whose, err = store.User{Name: "somebody else"}, nil
	}
	if err != nil {
		return err
	}
	p := strangePage{Whose: whose.Name, Now: v.user.Name}
	if wantsData(v.r) {
		v.status = http.StatusConflict
		http.Error(v.w, "This page is "+p.Whose+"'s, and "+p.Now+" is logged in here now. Nothing was done. What was typed is kept in this browser for "+p.Whose+".", v.status)
		return nil
	}
	secret := false
	for _, name := range slices.Sorted(maps.Keys(v.r.PostForm)) {
		for _, value := range v.r.PostForm[name] {
			switch {
			case slices.Contains(secretFields, name):
				secret = true
				continue
			case name == readerField:
				continue
			case !slices.Contains(notTyped, name) && strings.TrimSpace(value) != "":
				label := sentence(words(strings.TrimPrefix(strings.TrimPrefix(name, answerPrefix), wordsPrefix)))
				p.Typed = append(p.Typed, typedField{Name: name, Label: label, Value: value})
			}
			p.Hidden = append(p.Hidden, typedField{Name: name, Value: value})
		}
	}
	if i := slices.IndexFunc(routes, func(r route) bool { return r.pattern == v.r.Pattern }); !secret && i >= 0 && slices.Contains(routes[i].roles, v.role()) {
		p.Path = v.r.URL.Path
		if p.Asked, err = v.asked(); err != nil {
			return err
		}
	}
	if home, page, ok := v.desk.formPage(v.r.URL.Path); ok && slices.Contains(page.roles, v.role()) {
		p.Home = home
	}
	return v.render(http.StatusConflict, "strange.html", "Not your page", p)
}
