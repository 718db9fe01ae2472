package jobs

import (
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"nurture/channels"
)

// TestSubject begins the subject of a mail that is sent to try a step out.
const TestSubject = "[Test] "

// TestMail makes of an email's preview a mail to somebody else: marked in its subject, of no touch, and with links and addresses that open
// nothing, so that whatever comes back of it changes no lead. number tells it from the other mails of the same try.
func TestMail(p *StepPreview, to channels.Party, now time.Time, number int) channels.Message {
	m := p.Message
	m.TouchID = -(now.UnixMicro()*1000 + int64(number)) // below those of handoffs, which are −1, −2 …
	m.To = to
	m.Subject = TestSubject + m.Subject
	m.HTML = strings.Replace(m.HTML, "<title>", "<title>"+TestSubject, 1)
	m.Mail.MessageID = fmt.Sprintf("test-%s.nurture@%s", strings.ToLower(rand.Text()), domainOf(m.From.Address))
	m.Mail.References = nil
	return m
}
