package inbound

import "strings"

// shut are words of providers and hosters, in lower case, for an account of ours, or a sender of it, that may not send.
var shut = []string{
	"sendasdenied", "outboundspamexception", // Exchange Online
	"email address is not verified", "sending suspended for", "sending paused for", "is not authorized to perform", // Amazon SES
	"verified sender identity",      // SendGrid
	"not one of your addresses",     // Apple
	"unusual sending activity",      // Zoho
	"outgoing mail from",            // cPanel
	"sender address is not allowed", // GMX
}

// spent are such words for what an account may send in an hour, a day or a month.
var spent = []string{
	"your daily limit", "daily message quota", "daily sending", "daily user sending", "sending limit", "sending quota", "credits exceeded",
	"max emails per hour", "max defers and failures per hour", "tenant has exceeded",
}

// AccountShut says whether a server's words are that our account, or its sender, may not send. They say nothing of the recipient.
func AccountShut(text string) bool { return containsAny(strings.ToLower(text), shut) }

// AccountSpent says whether they are that it has sent as much as it may: by itself it will go on, hours later.
func AccountSpent(text string) bool { return containsAny(strings.ToLower(text), spent) }
