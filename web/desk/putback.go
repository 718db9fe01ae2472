package desk

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// heldField of a call's form tells which claim of the task it was made for: it is another one each time.
const heldField = "held"

// putBack writes what was sent into the form of a page that sends there with the same hidden fields, opens what the form lies folded in, and says wrong beside
// its field, if it is not nil. It returns the page and how many fields took something; -1 when there is no such form, and the page is as it was.
func putBack(page, path string, sent url.Values, wrong *wrongField) (string, int) {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return page, -1
	}
	form := element(doc, func(n *html.Node) bool { return n.Data == "form" && sendsTo(n, path) && sameHidden(n, sent) })
	if form == nil {
		return page, -1
	}
	rest, filled := map[string][]string{}, 0
	for name, values := range sent {
		rest[name] = slices.Clone(values)
	}
	for _, field := range elements(form, isField) {
		filled++
		if fillField(field, rest) {
			unfold(field)
		}
	}
	unfold(form)
	switch {
	case wrong != nil:
		pointOut(form, *wrong)
	case filled > 0:
		tell(doc, "What you typed is here again: it was not taken yet.")
	default:
		tell(doc, "That was not done, for your session had ended.")
	}
	return written(doc, page), filled
}

// tellLost says on a page, whose form is gone, what was typed into it: that which is more than a word.
func tellLost(page string, sent url.Values) string {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return page
	}
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		for _, value := range sent[name] {
			if strings.ContainsFunc(strings.TrimSpace(value), unicode.IsSpace) {
				tell(doc, "What you typed was not taken, and its form is not here any more: "+value)
			}
		}
	}
	return written(doc, page)
}

// sendsTo says whether a form, or a button of it, sends to a path.
func sendsTo(form *html.Node, path string) bool {
	return attr(form, "action") == path || element(form, func(n *html.Node) bool { return attr(n, "formaction") == path }) != nil
}

// sameHidden says whether the hidden fields of a form are among what was sent: they tell forms apart that send to the same path.
func sameHidden(form *html.Node, sent url.Values) bool {
	hidden := elements(form, func(n *html.Node) bool { return n.Data == "input" && attr(n, "type") == "hidden" })
	return !slices.ContainsFunc(hidden, func(n *html.Node) bool {
		name := attr(n, "name")
		return name != heldField && name != readerField && !slices.Contains(sent[name], attr(n, "value"))
	})
}

// isField says whether people type or choose something there; passwords are never put back.
func isField(n *html.Node) bool {
	if attr(n, "name") == "" {
		return false
	}
	return n.Data == "textarea" || n.Data == "select" || n.Data == "input" && !slices.Contains([]string{"hidden", "password", "submit", "button"}, attr(n, "type"))
}

// fillField takes what was sent for a field from rest, and says whether that is anything.
func fillField(field *html.Node, rest map[string][]string) bool {
	name := attr(field, "name")
	if kind := attr(field, "type"); kind == "radio" || kind == "checkbox" {
		chosen := slices.Contains(rest[name], attr(field, "value"))
		setAttr(field, "checked", chosen, "")
		return chosen && attr(field, "value") != ""
	}
	if len(rest[name]) == 0 { // it was not on the page then
		return false
	}
	value := strings.ReplaceAll(rest[name][0], "\r\n", "\n")
	rest[name] = rest[name][1:]
	switch field.Data {
	case "textarea":
		for field.FirstChild != nil {
			field.RemoveChild(field.FirstChild)
		}
		field.AppendChild(&html.Node{Type: html.TextNode, Data: value})
	case "select":
		for _, option := range elements(field, func(n *html.Node) bool { return n.Data == "option" }) {
			setAttr(option, "selected", optionValue(option) == value, "")
		}
	default:
		setAttr(field, "value", true, value)
	}
	return strings.TrimSpace(value) != ""
}

func optionValue(option *html.Node) string {
	if slices.ContainsFunc(option.Attr, func(a html.Attribute) bool { return a.Key == "value" }) {
		return attr(option, "value")
	}
	if option.FirstChild == nil {
		return ""
	}
	return strings.TrimSpace(option.FirstChild.Data)
}

// unfold opens all that something lies folded in.
func unfold(n *html.Node) {
	for up := n.Parent; up != nil; up = up.Parent {
		if up.Data == "details" {
			setAttr(up, "open", true, "")
		}
	}
}

// pointOut says what is wrong after the field that it is about, which gets the focus; where there is none, before the form's first field.
func pointOut(form *html.Node, wrong wrongField) {
	const id = "what-is-wrong"
	said := paragraph("problem", wrong.text)
	setAttr(said, "id", true, id)
	setAttr(said, "role", true, "alert")
	field := element(form, func(n *html.Node) bool { return isField(n) && attr(n, "name") == wrong.name })
	if field == nil {
		form.InsertBefore(said, form.FirstChild)
		return
	}
	setAttr(field, "aria-invalid", true, "true")
	setAttr(field, "aria-describedby", true, id)
	setAttr(field, "autofocus", true, "")
	place := field
	for up := field; up != form; up = up.Parent {
		if up.Data == "label" || up.Data == "fieldset" {
			place = up
		}
	}
	place.Parent.InsertBefore(said, place.NextSibling)
}

// tell shows a line where notices stand.
func tell(doc *html.Node, text string) {
	if notices := element(doc, func(n *html.Node) bool { return attr(n, "class") == "notices" }); notices != nil {
		line := paragraph("toast", text)
		setAttr(line, "data-back", true, "")
		notices.AppendChild(line)
	}
}

func paragraph(class, text string) *html.Node {
	p := &html.Node{Type: html.ElementNode, Data: "p", Attr: []html.Attribute{{Key: "class", Val: class}}}
	p.AppendChild(&html.Node{Type: html.TextNode, Data: text})
	return p
}

func written(doc *html.Node, page string) string {
	var b strings.Builder
	if err := html.Render(&b, doc); err != nil {
		return page
	}
	return b.String()
}

// element is the first element below a node that is asked for, and nil when there is none.
func element(n *html.Node, asked func(*html.Node) bool) *html.Node {
	for node := range n.Descendants() {
		if node.Type == html.ElementNode && asked(node) {
			return node
		}
	}
	return nil
}

// elements are the elements below a node that are asked for, in the order of the page.
func elements(n *html.Node, asked func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for node := range n.Descendants() {
		if node.Type == html.ElementNode && asked(node) {
			found = append(found, node)
		}
	}
	return found
}

// attr is an attribute of an element; "" when it has none.
func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// setAttr gives an element an attribute, or takes it away.
func setAttr(n *html.Node, key string, on bool, value string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
	if on {
		n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
	}
}
