package robustness

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/proto"

	"tests/fixture"
)

// The most CPU time that one call may take, whatever a tenant writes into an XR.
const slowest = time.Second

// sshString is RFC 4251's.
func sshString(text []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...)
}

func sshStrings(texts ...string) []byte {
	var all []byte
	for _, text := range texts {
		all = append(all, sshString([]byte(text))...)
	}
	return all
}

func armor(key, signature []byte) string {
	blob := append([]byte("SSHSIG\x00\x00\x00\x01"), sshString(key)...)
	blob = append(blob, sshStrings("release-gate", "", "sha512", string(signature))...)
	return "-----BEGIN SSH SIGNATURE-----\n" + base64.StdEncoding.EncodeToString(blob) + "\n-----END SSH SIGNATURE-----\n"
}

// signEd25519 is what `ssh-keygen -Y sign -n release-gate` makes with a new key.
func signEd25519(t *testing.T, text string) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha512.Sum512([]byte(text))
	signed := append([]byte("SSHSIG"), sshStrings("release-gate", "", "sha512", string(digest[:]))...)
	return armor(sshStrings("ssh-ed25519", string(public)), sshStrings("ssh-ed25519", string(ed25519.Sign(private, signed))))
}

// hugeRSA is a signature by the largest key that is read, with the largest exponent that OpenSSL takes for it.
func hugeRSA() string {
	const bits = 16384
	modulus := new(big.Int).SetBit(new(big.Int).SetInt64(1), bits-1, 1).Bytes()
	exponent := bytes.Repeat([]byte{0x7f}, 8)
	return armor(sshStrings("ssh-rsa", string(exponent), "\x00"+string(modulus)),
		sshStrings("rsa-sha2-512", strings.Repeat("\x55", bits/8)))
}

func approvalText(approver string) string {
	return "release-gate approval v1\nnamespace: team\ngate: acme-dev-to-staging\ntenant: acme\nartifact: ghcr.io/acme/app:main-abc123\n" +
		"promotion: dev -> staging\nattempt: 1\ndecision: approve\napprover: " + approver + "\n"
}

func approvals(signature func(approver string) string) []any {
	var all []any
	for i := range 50 {
		approver := strings.Repeat("a", 250) + fmt.Sprintf("%02d", i)
		all = append(all, map[string]any{
			"approver": approver, "decision": "approve", "artifact_id": "ghcr.io/acme/app:main-abc123", "signature": signature(approver),
		})
	}
	return all
}

// Fifty windows without a gap, in as many zones.
func windowsWithoutGap() []any {
	zones := []string{"Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"}
	var all []any
	for i := range 50 {
		begin := i * 28
		all = append(all, map[string]any{
			"name": fmt.Sprintf("w%d", i), "time_zone": zones[i%len(zones)], "start": fmt.Sprintf("%02d:%02d", begin/60, begin%60),
			"end": fmt.Sprintf("%02d:%02d", (begin+700)/60%24, (begin+700)%60),
		})
	}
	return all
}

func cpuTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(after)
	ticks := 0
	for _, field := range fields[11:13] {
		count, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		ticks += count
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

func TestSlowestCalls(t *testing.T) {
	// One line, whose key is nobody's here.
	signers := strings.Repeat(strings.Repeat("*a", 500)+"b,", 60) + "alice " + firstKey(t)
	cases := []struct {
		name, reason   string
		spec, pipeline map[string]any
	}{
		{"patterns", "50 approvals by 50 keys, each held against 60 KB of patterns that nearly match",
			map[string]any{"approvals": approvals(func(approver string) string { return signEd25519(t, approvalText(approver)) })},
			map[string]any{"allowed_signers": signers,
				"promotionPolicies": map[string]any{"dev_to_staging": map[string]any{"require_signatures": true}}}},
		{"RSA", "50 signatures of 16,384 bits",
			map[string]any{"approvals": approvals(func(string) string { return hugeRSA() })},
			map[string]any{"allowed_signers": "alice " + firstKey(t),
				"promotionPolicies": map[string]any{"dev_to_staging": map[string]any{"require_signatures": true}}}},
		{"windows", "50 windows that leave no gap for a year", nil,
			map[string]any{"promotionPolicies": map[string]any{"dev_to_staging": map[string]any{"windows": windowsWithoutGap()}}}},
		{"unknown fields", "as many as fit into a request", manyFields(), nil},
	}
	server := fixture.Start(t, "--insecure")
	connected := dialInsecure(t, server.Address)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			gate := newGate(-time.Minute, false)
			mergePatch(gate.spec(), c.spec)
			mergePatch(gate.pipeline(), c.pipeline)
			request := &fnv1.RunFunctionRequest{
				Meta:     &fnv1.RequestMeta{Tag: c.name, Capabilities: []fnv1.Capability{fnv1.Capability_CAPABILITY_REQUIRED_RESOURCES}},
				Observed: &fnv1.State{Composite: &fnv1.Resource{Resource: toStruct(t, gate.Objects[0])}},
				RequiredResources: map[string]*fnv1.Resources{
					"pipeline":        {Items: []*fnv1.Resource{{Resource: toStruct(t, gate.Objects[1])}}},
					"pipeline-config": {Items: []*fnv1.Resource{{Resource: toStruct(t, gate.Objects[2])}}},
				},
			}
			call, err := proto.Marshal(request)
			if err != nil {
				t.Fatal(err)
			}
			const times = 3
			before := cpuTime(t, server.PID())
			var answer []byte
			for range times {
				if answer, err = connected.call(call); err != nil {
					t.Fatal(err)
				}
			}
			each := (cpuTime(t, server.PID()) - before) / times
			response := &fnv1.RunFunctionResponse{}
			if err := proto.Unmarshal(answer, response); err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: a request of %d KB takes %v; %s", c.reason, len(call)>>10, each.Round(time.Millisecond), summary(response))
			if each > slowest {
				t.Errorf("it takes %v, at most %v is allowed", each, slowest)
			}
		})
	}
}

func firstKey(t *testing.T) string {
	t.Helper()
	key, err := os.ReadFile("../unit/release/testdata/ed25519-sha512.pub")
	if err != nil {
		t.Fatal(err)
	}
	return string(key)
}

func manyFields() map[string]any {
	fields := map[string]any{}
	for i := range 120000 {
		fields[fmt.Sprintf("unknown-%06d", i)] = ""
	}
	return fields
}

// summary is what the gate came to, and why its approvals do not count.
func summary(response *fnv1.RunFunctionResponse) string {
	status, _ := response.GetDesired().GetComposite().GetResource().AsMap()["status"].(map[string]any)
	if status == nil {
		message := ""
		for _, result := range response.GetResults() {
			message = result.GetMessage()
		}
		return message[:min(len(message), 100)]
	}
	reasons := map[string]int{}
	approvals, _ := status["approvals"].(map[string]any)
	ignored, _ := approvals["ignored"].([]any)
	for _, entry := range ignored {
		reasons[text(entry, "reason")]++
	}
	return fmt.Sprint(status["gate_status"], " ", reasons)
}
