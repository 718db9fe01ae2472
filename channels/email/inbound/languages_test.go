package inbound_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"nurture/channels/email/inbound"
)

// sentences gives the lines of a table, each taken apart at its bars.
func sentences(t *testing.T, file string, columns int) [][]string {
	t.Helper()
	b, err := os.ReadFile("testdata/sentences/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(strings.TrimSpace(line), " | ")
		if len(row) != columns {
			t.Fatalf("%s: %d columns, want %d: %s", file, len(row), columns, line)
		}
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		rows = append(rows, row)
	}
	return rows
}

// onThursday classifies a mail on the day on which it was written.
func onThursday(raw string) inbound.Classification {
	return inbound.Classify(inbound.Parse([]byte(raw)), time.Date(2026, time.March, 12, 12, 0, 0, 0, time.UTC))
}

const thursday = "Date: Thu, 12 Mar 2026 10:12:00 +0100\nContent-Type: text/plain; charset=utf-8\n"

// TestNoticesOfEveryLanguage: a wrong day resumes a cadence too early or too late, and a departure that is not seen has it write to nobody.
func TestNoticesOfEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, row := range sentences(t, "absences.txt", 3) {
		c := onThursday("Return-Path: <>\nFrom: Jane Doe <jane@prospects.test>\nTo: mara@ourco.test\nAuto-Submitted: auto-replied\nSubject: " + row[1] + "\n" + thursday + "\n" + row[2] + "\n")
		if got := strings.TrimSpace(c.Subkind + " " + c.ReturnDate); c.Kind != inbound.KindAutoReply || got != row[0] {
			t.Errorf("%s\n%s %s, want %s", row[2], c.Kind, got, row[0])
		}
	}
}

// TestAnswersOfEveryLanguage: a request to be left alone that is missed, and one that nobody made, are the worst.
func TestAnswersOfEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, row := range sentences(t, "answers.txt", 2) {
		c := onThursday("From: Jane Doe <jane@prospects.test>\nTo: mara@ourco.test\nSubject: Re: A short idea\nIn-Reply-To: <touch-71@ourco.test>\n" + thursday + "\n" + row[1] + "\n")
		got := string(c.Kind)
		if c.Kind == inbound.KindReply {
			got = strings.TrimSpace(got + " ~" + c.SuggestedMeaning + " " + c.ReturnDate)
		}
		if got != row[0] {
			t.Errorf("%s\n%s, want %s (%s)", row[1], got, row[0], c.Why)
		}
	}
}

// TestWhoIsAwayAndWrites: people say in their own mails when they are away, below a subject that in another language is a vacation's.
func TestWhoIsAwayAndWrites(t *testing.T) {
	t.Parallel()
	for _, subject := range []string{"Semester dates", "Semesterplanung", "Re: Automatic reply: A short idea"} {
		c := onThursday("From: Jane Doe <jane@prospects.test>\nTo: mara@ourco.test\nSubject: " + subject + "\n" + thursday + "\nCould you call me? I am out of office until Monday 16 March.\n")
		if c.Kind != inbound.KindReply {
			t.Errorf("%s: %s (%s)", subject, c.Kind, c.Why)
		}
	}
}

// TestTextRightAboveAQuote: mail programs that put no empty line above what they quote must not cost the answer.
func TestTextRightAboveAQuote(t *testing.T) {
	t.Parallel()
	const earlier = "Hi Jane\nAre you interested?\nMara Lind\nUnsubscribe: https://ourco.test/u/x"
	for attribution := range strings.SplitSeq(`On Thu, 12 Mar 2026 at 09:12, Mara Lind <mara@ourco.test> wrote:
On Thu, 12 Mar 2026 at 09:12,+Mara Lind <mara@ourco.test> wrote:
On 12 Mar 2026, at 09:12, Mara Lind+<mara@ourco.test> wrote:
Am 12.03.2026 um 09:12 schrieb Mara Lind:
Le 12/03/2026 à 09:12, Mara Lind a écrit :
El jue, 12 mar 2026 a las 9:12, Mara Lind+(<mara@ourco.test>) escribió:
Den 12.03.2026 kl. 09.12 skrev Mara Lind:
Den tors 12 mars 2026 kl 09:12 skrev Mara Lind <mara@ourco.test>:
W dniu 12.03.2026 o 09:12, Mara Lind pisze:
czw., 12 mar 2026 o 09:12 Mara Lind <mara@ourco.test> napisał(a):
2026年3月12日(木) 9:12 Mara Lind <mara@ourco.test>:`, "\n") {
		attribution = strings.ReplaceAll(attribution, "+", "\n")
		for text, want := range map[string]string{
			"Please unsubscribe me.":                "Please unsubscribe me.",
			"Yes":                                   "Yes",
			"I am in the office at 10:30 tomorrow.": "I am in the office at 10:30 tomorrow.",
			"The kick-off is on 14.03.2026":         "The kick-off is on 14.03.2026",
			"Hello Mara,\nnot before 2027\nJane":    "Hello Mara,\nnot before 2027",
		} {
			for _, between := range []string{"\n", "\n\n"} {
				for _, quote := range []string{earlier, "> " + strings.ReplaceAll(earlier, "\n", "\n> ")} {
					m := inbound.Parse([]byte("From: Jane Doe <jane@prospects.test>\n" + thursday + "\n" + text + between + attribution + "\n" + quote + "\n"))
					if got := m.VisibleText(); got != want {
						t.Errorf("%q above %q: %q, want %q", text, attribution, got, want)
					}
				}
			}
		}
	}
}

// TestWhatProgramsAddElsewhere: the rules, labels and mobile signatures of mail programs in Swedish, Danish, Polish and Japanese, and attributions that stand
// above quoted lines, whatever their language.
func TestWhatProgramsAddElsewhere(t *testing.T) {
	t.Parallel()
	for below := range strings.SplitSeq(`-----Ursprungligt meddelande-----+Från: Mara Lind <mara@ourco.test>+Skickat: den 12 mars 2026 09:12+Till: Jane+Ämne: A short idea++Hi Jane
-----Oprindelig meddelelse-----+Fra: Mara Lind <mara@ourco.test>+Sendt: 12. marts 2026 09:12+Til: Jane+Emne: A short idea++Hi Jane
-----Wiadomość oryginalna-----+Od: Mara Lind <mara@ourco.test>+Wysłano: czwartek, 12 marca 2026 09:12+Do: Jane+Temat: A short idea++Hi Jane
-----元のメッセージ-----+差出人: Mara Lind <mara@ourco.test>+送信日時: 2026年3月12日 9:12+宛先: Jane+件名: A short idea++Hi Jane
2026/03/12 9:12、Mara Lind <mara@ourco.test>のメール:++> Hi Jane
Wiadomość napisana przez Mara Lind <mara@ourco.test> w dniu 12 mar 2026, o godz. 09:12:++> Hi Jane
to 12. maalisk. 2026 klo 9.12 Mara Lind kirjoitti näin:+> Hi Jane
Skickat från min iPhone
Sendt fra min iPad
Wysłane z iPhone’a
Wysłano z mojego smartfona
iPhoneから送信
Hämta Outlook för iOS
Pobierz aplikację Outlook dla systemu iOS
Outlook for iOS を入手`, "\n") {
		m := inbound.Parse([]byte("From: Jane Doe <jane@prospects.test>\n" + thursday + "\nOK bra.\n\n" + strings.ReplaceAll(below, "+", "\n") + "\n"))
		if got := m.VisibleText(); got != "OK bra." {
			t.Errorf("%s\n%q", below, got)
		}
	}
	const own = "Free slots at 10:30:\n\nMonday and Tuesday.\n\n-----\nNotes of the call\n-----\nAll good."
	if got := inbound.Parse([]byte("From: Jane Doe <jane@prospects.test>\n" + thursday + "\n" + own)).VisibleText(); got != own {
		t.Errorf("a person's own lines: %q", got)
	}
}
