package templates

import (
	"bytes"
	"text/template/parse"
)

// trimStandalone takes out the lines that hold nothing but {{ if }}, {{ else }}, {{ end }}, {{ range }}, an assignment or a
// comment. Left in, they would be blank lines, and blank lines end paragraphs and loosen lists in Markdown.
func trimStandalone(root *parse.ListNode) {
	var items []flatItem
	flatten(root, &items)
	type cut struct{ start, end int }
	cuts := make(map[*parse.TextNode]*cut)
	for _, it := range items {
		if it.text != nil {
			cuts[it.text] = &cut{0, len(it.text.Text)}
		}
	}
	for i, it := range items {
		if !it.control {
			continue
		}
		lineStart, lineEnd := 0, 0
		var prev, next *parse.TextNode
		if i > 0 {
			if prev = items[i-1].text; prev == nil {
				continue
			}
			lineStart = bytes.LastIndexByte(prev.Text, '\n') + 1
			if lineStart == 0 && i > 1 || !blank(prev.Text[lineStart:]) {
				continue
			}
		}
		if i < len(items)-1 {
			if next = items[i+1].text; next == nil {
				continue
			}
			if lineEnd = bytes.IndexByte(next.Text, '\n') + 1; lineEnd == 0 {
				if i+1 < len(items)-1 {
					continue
				}
				lineEnd = len(next.Text)
			}
			if !blank(next.Text[:lineEnd]) {
				continue
			}
			cuts[next].start = lineEnd
		}
		if prev != nil {
			cuts[prev].end = lineStart
		}
	}
	for text, c := range cuts {
		text.Text = text.Text[min(c.start, c.end):c.end]
	}
}

// flatItem is a text, a control (what leaves no trace of its own), or, with neither set, something printed.
type flatItem struct {
	text    *parse.TextNode
	control bool
}

// flatten lists the nodes in the order of the source.
func flatten(l *parse.ListNode, items *[]flatItem) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			*items = append(*items, flatItem{text: n})
		case *parse.CommentNode, *parse.BreakNode, *parse.ContinueNode:
			*items = append(*items, flatItem{control: true})
		case *parse.ActionNode:
			*items = append(*items, flatItem{control: len(n.Pipe.Decl) > 0})
		case *parse.IfNode:
			flattenBranch(&n.BranchNode, items)
		case *parse.WithNode:
			flattenBranch(&n.BranchNode, items)
		case *parse.RangeNode:
			flattenBranch(&n.BranchNode, items)
		default:
			*items = append(*items, flatItem{})
		}
	}
}

func flattenBranch(b *parse.BranchNode, items *[]flatItem) {
	for {
		*items = append(*items, flatItem{control: true})
		flatten(b.List, items)
		if b.ElseList == nil {
			break
		}
		chained := elseBranch(b.ElseList)
		if chained == nil {
			*items = append(*items, flatItem{control: true})
			flatten(b.ElseList, items)
			break
		}
		b = chained
	}
	*items = append(*items, flatItem{control: true})
}

// elseBranch gives the branch of {{ else if }} and {{ else with }}, which share the one {{ end }}.
func elseBranch(l *parse.ListNode) *parse.BranchNode {
	if len(l.Nodes) != 1 {
		return nil
	}
	switch n := l.Nodes[0].(type) {
	case *parse.IfNode:
		return &n.BranchNode
	case *parse.WithNode:
		return &n.BranchNode
	}
	return nil
}

func blank(b []byte) bool { return len(bytes.TrimSpace(b)) == 0 }
