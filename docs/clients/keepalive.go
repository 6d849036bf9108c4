// A client of Session Keepalive in one file of the standard library. Run it as it is, or copy it into your package:
//
//	go run keepalive.go session/list
//	go run keepalive.go session/get '{"id": "codex"}'
//
// The daemon proves that it is the one that wrote the endpoint file. The token itself is never sent.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// Error is an error of the daemon. Code is one of docs/errors.md, or of JSON-RPC, as in "-32602".
type Error struct {
	Code    string
	Message string
	Details json.RawMessage
}

func (e *Error) Error() string {
	if len(e.Details) == 0 || string(e.Details) == "{}" {
		return fmt.Sprintf("%s: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("%s: %s %s", e.Code, e.Message, e.Details)
}

// NoDaemon is the code of an Error when no daemon answers, or none that can be trusted.
const NoDaemon = "KA_RPC_NO_DAEMON"

// Client calls the daemon in one home.
type Client struct {
	// Home is the folder of the daemon's files. Empty is the one that `keepalive doctor` prints.
	Home string
	// ReadOnly uses the token that can change nothing.
	ReadOnly bool
}

// The daemon proves itself in seconds. A call may take as long as an attempt.
var quick, patient = client(5 * time.Second), client(0)

// client uses no proxy and follows no redirect: what answers may not be the daemon.
func client(limit time.Duration) *http.Client {
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &http.Client{Timeout: limit, CheckRedirect: stay, Transport: &http.Transport{DisableKeepAlives: true}}
}

// Call calls a method of docs/rpc.md and decodes its result into the value that result points to.
func (c Client) Call(method string, params, result any) error {
	address, authorization, err := c.prove()
	if err != nil {
		return err
	}
	message := map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPost, "http://"+address+"/rpc", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", authorization)
	request.Header.Set("Content-Type", "application/json")
	response, err := patient.Do(request)
	if err != nil {
		return &Error{Code: "KA_RPC_CONNECTION_LOST", Message: err.Error()}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return noDaemon("it refused the call with %s", response.Status)
	}
	return decode(response.Body, result)
}

func decode(body io.Reader, result any) error {
	var answer struct {
		Result json.RawMessage
		Error  *struct {
			Code    int
			Message string
			Data    json.RawMessage
		}
	}
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return err
	}
	if answer.Error == nil {
		return json.Unmarshal(answer.Result, result)
	}
	failed := &Error{Code: fmt.Sprint(answer.Error.Code), Message: answer.Error.Message, Details: answer.Error.Data}
	var data struct {
		Code    string
		Details json.RawMessage
	}
	if json.Unmarshal(answer.Error.Data, &data) == nil && data.Code != "" {
		failed.Code, failed.Details = data.Code, data.Details
	}
	return failed
}

// prove has the daemon prove that it has the token. The header proves the same of us, once. See docs/rpc.md#connect.
func (c Client) prove() (address, authorization string, err error) {
	address, token, err := c.endpoint()
	if err != nil {
		return "", "", err
	}
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return "", "", err
	}
	nonce := base64.RawURLEncoding.EncodeToString(random)
	query := "nonce=" + nonce
	if c.ReadOnly {
		query = "access=read&" + query
	}
	response, err := quick.Get("http://" + address + "/proof?" + query)
	if err != nil {
		return "", "", noDaemon("%v", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	if err != nil {
		return "", "", noDaemon("%v", err)
	}
	serverNonce, serverProof, _ := strings.Cut(string(answer), ".")
	proof := func(side string) string {
		mac := hmac.New(sha256.New, []byte(token))
		fmt.Fprintf(mac, "keepalive.v1 %s %s %s %s", side, address, nonce, serverNonce)
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	}
	if !hmac.Equal([]byte(serverProof), []byte(proof("server"))) {
		return "", "", noDaemon("what answers at %s does not have the daemon's token", address)
	}
	return address, fmt.Sprintf("Proof %s.%s.%s", nonce, serverNonce, proof("client")), nil
}

var loopback = regexp.MustCompile(`^ws://(127\.0\.0\.1:\d{1,5})/rpc$`)

// endpoint reads where the daemon is. A file that another user can read or has written is refused, but on Windows.
func (c Client) endpoint() (address, token string, err error) {
	folder := c.Home
	if folder == "" {
		folder = home()
	}
	file := filepath.Join(folder, "endpoint.json")
	facts, err := os.Lstat(file)
	if err != nil {
		return "", "", noDaemon("%v", err)
	}
	if !facts.Mode().IsRegular() || runtime.GOOS != "windows" && facts.Mode().Perm()&0o077 != 0 {
		return "", "", noDaemon("%s is not a file that only you can read", file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", "", noDaemon("%v", err)
	}
	var found struct{ URL, Token, ReadToken string }
	if err := json.Unmarshal(text, &found); err != nil {
		return "", "", noDaemon("%s: %v", file, err)
	}
	match := loopback.FindStringSubmatch(found.URL)
	if match == nil {
		return "", "", noDaemon("%s: its address is not on 127.0.0.1", file)
	}
	if c.ReadOnly {
		return match[1], found.ReadToken, nil
	}
	return match[1], found.Token, nil
}

func noDaemon(reason string, values ...any) error {
	details, _ := json.Marshal(map[string]string{"reason": fmt.Sprintf(reason, values...)})
	return &Error{NoDaemon, "No daemon answers. Start it with `keepalive start`.", details}
}

// home is the folder that the daemon uses on this system.
func home() string {
	user, _ := os.UserHomeDir()
	if own := os.Getenv("KEEPALIVE_HOME"); own != "" {
		if own == "~" || strings.HasPrefix(own, "~/") {
			return filepath.Join(user, own[1:])
		}
		return own
	}
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(user, "Library", "Application Support", "keepalive")
	case "windows":
		return filepath.Join(or(os.Getenv("LOCALAPPDATA"), filepath.Join(user, "AppData", "Local")), "keepalive", "Data")
	}
	return filepath.Join(or(os.Getenv("XDG_DATA_HOME"), filepath.Join(user, ".local", "share")), "keepalive")
}

func or(value, otherwise string) string {
	if value != "" {
		return value
	}
	return otherwise
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: keepalive METHOD [JSON]")
		os.Exit(2)
	}
	params := json.RawMessage("{}")
	if len(os.Args) > 2 {
		params = json.RawMessage(os.Args[2])
	}
	var result json.RawMessage
	err := Client{}.Call(os.Args[1], params, &result)
	var failed *Error
	if errors.As(err, &failed) {
		fmt.Fprintln(os.Stderr, failed)
		os.Exit(1)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(string(result))
}
