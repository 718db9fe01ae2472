// Package oidctest is an identity provider for tests: OpenID Connect over HTTP on loopback, with discovery, keys, the authorization code flow
// with PKCE, userinfo, and tokens that are really signed. It checks what it is asked as strictly as a good provider, and lies on order.
package oidctest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// What the issuer knows of its only client.
const (
	ClientID     = "nurture"
	ClientSecret = "s3cret & <strange>" // needs escaping wherever it goes
)

// Person is who logs in at the issuer.
type Person struct {
	Subject string
	Claims  map[string]any // beside sub, such as email and groups
}

// Issuer is a running provider. Its fields may be set between logins.
type Issuer struct {
	URL string // as a configuration names it

	mu     sync.Mutex
	who    Person
	lie    func(claims map[string]any) // changes the claims of the next ID tokens
	sign   func(claims []byte) string  // makes ID tokens in place of the issuer's key
	info   map[string]any              // of userinfo; nil: it has none
	hides  []string                    // claims that stand in userinfo only
	down   bool                        // it answers nothing but 503
	no     string                      // the error in place of a code
	post   bool                        // the secret must stand in the form, not in the header
	keys   []*rsa.PrivateKey           // the last one signs
	codes  map[string]grant            // not spent
	tokens map[string]Person           // by access token
	asked  []url.Values                // at the authorization endpoint
	now    func() time.Time            //
	server *httptest.Server            //
	errs   func(format string, args ...any)
}

type grant struct{ redirect, challenge, nonce string }

// New starts an issuer that ends with the test. now is the clock by which its tokens are made.
func New(t testing.TB, now func() time.Time) *Issuer {
	t.Helper()
	i := &Issuer{codes: map[string]grant{}, tokens: map[string]Person{}, now: now, errs: t.Errorf}
	i.NewKey()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET /keys", i.showKeys)
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.HandleFunc("POST /token", i.token)
	mux.HandleFunc("GET /userinfo", i.userInfo)
	mux.HandleFunc("GET /logout", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintln(w, "You are logged out of the provider.")
	})
	i.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i.is(func() bool { return i.down }) {
			http.Error(w, "down for maintenance", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(i.server.Close)
	// Another site than 127.0.0.1, where the desk of a test is: so browsers treat its cookies as they do in earnest.
	_, port, err := net.SplitHostPort(i.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	i.URL = "http://localhost:" + port
	return i
}

func (i *Issuer) set(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f()
}

func (i *Issuer) is(f func() bool) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return f()
}

// LogIn says who is logged in at the issuer from now on.
func (i *Issuer) LogIn(who Person) { i.set(func() { i.who = who }) }

// Lie changes the claims of the ID tokens to come; nil tells the truth again.
func (i *Issuer) Lie(lie func(claims map[string]any)) { i.set(func() { i.lie = lie }) }

// SignBy makes the ID tokens to come of their claims by another signature; nil is the issuer's own.
func (i *Issuer) SignBy(sign func(claims []byte) string) { i.set(func() { i.sign = sign }) }

// Hide keeps claims out of ID tokens; userinfo tells them.
func (i *Issuer) Hide(claims ...string) { i.set(func() { i.hides = claims }) }

// Inform sets what userinfo answers in place of what is true; nil is the truth.
func (i *Issuer) Inform(info map[string]any) { i.set(func() { i.info = info }) }

// Down makes the issuer answer nothing but 503.
func (i *Issuer) Down(down bool) { i.set(func() { i.down = down }) }

// Decline makes it send people back with an error, such as access_denied; "" is none.
func (i *Issuer) Decline(code string) { i.set(func() { i.no = code }) }

// SecretInForm makes it take the client's secret in the form only (client_secret_post), and say so.
func (i *Issuer) SecretInForm() { i.set(func() { i.post = true }) }

// NewKey makes it sign by a new key from now on.
func (i *Issuer) NewKey() {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	i.set(func() { i.keys = append(i.keys, key) })
}

// Asked are the parameters of the last request of its authorization endpoint.
func (i *Issuer) Asked() url.Values {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.asked) == 0 {
		return nil
	}
	return i.asked[len(i.asked)-1]
}

// Sign signs claims by a key that is not the issuer's, or by the issuer's own public one taken for a secret: alg is RS256, HS256 or none. It
// is for SignBy.
func (i *Issuer) Sign(alg string, claims []byte) string {
	switch alg {
	case "none":
		return encode([]byte(`{"alg":"none"}`)) + "." + encode(claims) + "."
	case "HS256":
		return signed(jose.HS256, i.keys[len(i.keys)-1].N.Bytes(), claims)
	}
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return signed(jose.RS256, jose.JSONWebKey{Key: stranger, KeyID: "key-0"}, claims)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func signed(alg jose.SignatureAlgorithm, key any, claims []byte) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, nil)
	if err != nil {
		panic(err)
	}
	signature, err := signer.Sign(claims)
	if err != nil {
		panic(err)
	}
	text, err := signature.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return text
}

func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	method := "client_secret_basic"
	if i.is(func() bool { return i.post }) {
		method = "client_secret_post"
	}
	answer(w, map[string]any{
		"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
		"userinfo_endpoint": i.URL + "/userinfo", "end_session_endpoint": i.URL + "/logout", "response_types_supported": []string{"code"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
		"token_endpoint_auth_methods_supported": []string{method}, "code_challenge_methods_supported": []string{"S256"},
		"authorization_response_iss_parameter_supported": true,
	})
}

func (i *Issuer) showKeys(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	var set jose.JSONWebKeySet
	for n, key := range i.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: fmt.Sprintf("key-%d", n), Algorithm: "RS256", Use: "sig"})
	}
	answer(w, set)
}

// authorize is the page on which people log in; whoever comes is i.who already.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked = append(i.asked, q)
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" ||
		len(q.Get("code_challenge")) != 43 || q.Get("nonce") == "" || q.Get("state") == "" || !strings.HasPrefix(q.Get("scope"), "openid ") {
		i.errs("the authorization endpoint was asked %s", r.URL.RawQuery)
		http.Error(w, "invalid_request", http.StatusBadRequest)
		return
	}
	to := url.Values{"state": {q.Get("state")}, "iss": {i.URL}}
	if i.no != "" {
		to.Set("error", i.no)
		to.Set("error_description", "<b>so it is</b>")
	} else {
		code := rand.Text()
		i.codes[code] = grant{q.Get("redirect_uri"), q.Get("code_challenge"), q.Get("nonce")}
		to.Set("code", code)
	}
	back.RawQuery = to.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// token gives tokens for a code, once.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if err := r.ParseForm(); err != nil || !i.knows(r) {
		refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	g, ok := i.codes[r.PostForm.Get("code")]
	delete(i.codes, r.PostForm.Get("code"))
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	if !ok || r.PostForm.Get("grant_type") != "authorization_code" || r.PostForm.Get("redirect_uri") != g.redirect || encode(sum[:]) != g.challenge {
		refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	access := rand.Text()
	i.tokens[access] = i.who
	answer(w, map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": i.idToken(g.nonce, access)})
}

// knows checks the client's secret (RFC 6749, section 2.3.1).
func (i *Issuer) knows(r *http.Request) bool {
	id, secret, basic := r.BasicAuth()
	if i.post {
		return !basic && r.PostForm.Get("client_id") == ClientID && r.PostForm.Get("client_secret") == ClientSecret
	}
	id, err := url.QueryUnescape(id)
	if err != nil {
		return false
	}
	secret, err = url.QueryUnescape(secret)
	return err == nil && basic && id == ClientID && secret == ClientSecret
}

func (i *Issuer) idToken(nonce, access string) string {
	now := i.now()
	sum := sha256.Sum256([]byte(access))
	claims := map[string]any{
		"iss": i.URL, "sub": i.who.Subject, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "nonce": nonce,
		"at_hash": encode(sum[:16]),
	}
	maps.Copy(claims, i.who.Claims)
	for _, hidden := range i.hides {
		delete(claims, hidden)
	}
	if i.lie != nil {
		i.lie(claims)
	}
	raw, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	if i.sign != nil {
		return i.sign(raw)
	}
	last := len(i.keys) - 1
	return signed(jose.RS256, jose.JSONWebKey{Key: i.keys[last], KeyID: fmt.Sprintf("key-%d", last)}, raw)
}

func (i *Issuer) userInfo(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	who, ok := i.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if !ok {
		refuse(w, http.StatusUnauthorized, "invalid_token")
		return
	}
	info := map[string]any{"sub": who.Subject}
	maps.Copy(info, who.Claims)
	if i.info != nil {
		info = i.info
	}
	answer(w, info)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(err)
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"error":%q}`, code)
}
