package monitoring

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"sigs.k8s.io/yaml"
)

func example(name ...string) string {
	return filepath.Join(append([]string{root, "examples/monitoring"}, name...)...)
}

func promtool(t *testing.T, args ...string) {
	t.Helper()
	said, err := exec.Command(prometheusProgram(t, "promtool"), args...).CombinedOutput()
	if err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, said)
	}
}

func TestRules(t *testing.T) {
	promtool(t, "check", "rules", example("rules-function.yaml"), example("rules-objects.yaml"))
	promtool(t, "check", "config", "--lint=none", withoutKubernetes(t))
	promtool(t, "test", "rules", "rules_test.yaml")
}

// withoutKubernetes is a copy of prometheus.yaml for a promtool that knows no Kubernetes, as Debian's: with nothing to find
// the pods with.
func withoutKubernetes(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(example("prometheus.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var config map[string]any
	if err := yaml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	for _, job := range config["scrape_configs"].([]any) {
		delete(job.(map[string]any), "kubernetes_sd_configs")
	}
	config["rule_files"] = []any{} // checked already
	text, err = yaml.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "prometheus.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Every alert has a test that fires it, and one in which it does not.
func TestEveryAlertIsTested(t *testing.T) {
	tests, err := os.ReadFile("rules_test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"rules-function.yaml", "rules-objects.yaml"} {
		rules, err := os.ReadFile(example(file))
		if err != nil {
			t.Fatal(err)
		}
		for _, alert := range regexp.MustCompile(`(?m)^ *- alert: (\w+)$`).FindAllStringSubmatch(string(rules), -1) {
			name := regexp.QuoteMeta(alert[1])
			if !regexp.MustCompile(`(?m)alertname: ` + name + `\n +exp_alerts:\n +- exp_labels`).Match(tests) {
				t.Errorf("%s fires in no test", alert[1])
			}
			if !regexp.MustCompile(`(?m)alertname: ` + name + `}$`).Match(tests) {
				t.Errorf("%s stays quiet in no test", alert[1])
			}
		}
	}
}

// What is made from another file is what it would be made now.
func TestFilesAreFresh(t *testing.T) {
	made, err := exec.Command(example("prometheusrule.sh")).Output()
	if err != nil {
		t.Fatal(err)
	}
	if there, err := os.ReadFile(example("prometheusrule.yaml")); err != nil || string(there) != string(made) {
		t.Errorf("prometheusrule.yaml is stale: run prometheusrule.sh >prometheusrule.yaml (%v)", err)
	}
	namespaced, err := os.ReadFile(example("kube-state-metrics", "namespaced.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	claims, err := os.ReadFile(example("kube-state-metrics", "claims.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	body := func(text []byte) string { return string(text[strings.Index(string(text), "kind: CustomResource"):]) }
	if body(claims) != strings.ReplaceAll(body(namespaced), "kind: X", "kind: ") {
		t.Error("claims.yaml is not namespaced.yaml for claims")
	}
}

// certificates writes a CA and what it issued, which expires in 90 days.
func certificates(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	write := func(name, kind string, der []byte) {
		text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "function"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 0, 90),
	}
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, &key.PublicKey, key)
	must(err)
	write("ca.crt", "CERTIFICATE", der)
	der, err = x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, key)
	must(err)
	write("tls.crt", "CERTIFICATE", der)
	der, err = x509.MarshalPKCS8PrivateKey(key)
	must(err)
	write("tls.key", "PRIVATE KEY", der)
	return folder
}

type panelQuery struct{ title, expression string }

// queries are those of the dashboard's panels, as Grafana would send them.
func queries(t *testing.T) []panelQuery {
	t.Helper()
	text, err := os.ReadFile(example("dashboard.json"))
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Type, Title string
			Targets     []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	grafana := strings.NewReplacer("$__rate_interval", "30s", "$namespace", ".*", "$tenant", ".*")
	var found []panelQuery
	for _, panel := range board.Panels {
		if panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("%s has no query", panel.Title)
		}
		for _, target := range panel.Targets {
			expression := grafana.Replace(target.Expr)
			if strings.Contains(expression, "$") {
				t.Errorf("%s: an unknown variable in %s", panel.Title, expression)
			}
			found = append(found, panelQuery{panel.Title, expression})
		}
	}
	if len(found) == 0 {
		t.Fatal("the dashboard has no query")
	}
	return found
}

// The dashboard has no field that Grafana does not know.
func TestDashboardIsOne(t *testing.T) {
	plugins.RegisterDefaultPlugins()
	text, err := os.ReadFile(example("dashboard.json"))
	if err != nil {
		t.Fatal(err)
	}
	var board dashboard.Dashboard
	// It is no nil where there is nothing to say.
	if err := board.UnmarshalJSONStrict(text); err != nil && err.Error() != "" {
		t.Fatal(err)
	}
	if err := board.Validate(); err != nil && err.Error() != "" {
		t.Error(err)
	}
}

func TestEverythingRuns(t *testing.T) {
	address, metrics := startFunction(t, "--insecure")
	_, withTLS := startFunction(t, "--tls-certs-dir", certificates(t))
	objects := stageObjects(t)
	api := apiServer(t, objects)
	server := startPrometheus(t, map[string][]string{
		"function-release-pipeline": {metrics, withTLS},
		"kube-state-metrics": {
			startKubeStateMetrics(t, api, example("kube-state-metrics", "namespaced.yaml")),
			startKubeStateMetrics(t, api, example("kube-state-metrics", "claims.yaml")),
		},
	})
	server.is(t, "count(release_function_build_info)", "2") // rates begin with what is scraped first
	calls := newCaller(t, address)
	tell(calls)

	t.Run("the function counts", func(t *testing.T) { functionCounts(t, server) })
	t.Run("kube-state-metrics shows the objects", func(t *testing.T) { objectsAreShown(t, server, objects) })
	t.Run("alerts", func(t *testing.T) { alertsFire(t, server) })
	waiting := calls.gate("waiting", time.Now(), nil)
	for _, query := range queries(t) {
		t.Run("panel "+query.title, func(t *testing.T) {
			eventually(t, query.expression, func() error {
				waiting.look(false)
				samples, err := server.query(query.expression)
				if err == nil && len(samples) == 0 {
					err = errors.New("no data")
				}
				for _, s := range samples {
					if err == nil && s.value() == "NaN" {
						err = errors.New("not a number")
					}
				}
				return err
			})
		})
	}
}

func functionCounts(t *testing.T, server prometheus) {
	for expression, want := range map[string]string{
		`sum(release_gate_verdicts_total{verdict="approved"})`:                                                       "2",
		`sum(release_gate_verdicts_total{verdict="rejected"})`:                                                       "1",
		`sum(release_gate_verdicts_total{verdict="timeout",step="dev_to_staging"})`:                                  "1",
		`sum(release_gate_verdicts_total{step!="dev_to_staging"})`:                                                   "0",
		`sum(release_gate_time_to_verdict_seconds_count)`:                                                            "4",
		`sum(release_gate_time_to_verdict_seconds_bucket{verdict="approved",le="900"})`:                              "1",
		`sum(release_gate_time_to_verdict_seconds_bucket{verdict="approved",le="3600"})`:                             "2",
		`sum(release_gate_time_to_verdict_seconds_bucket{verdict="timeout",le="3600"})`:                              "0",
		`sum(release_gate_time_to_verdict_seconds_bucket{verdict="timeout",le="14400"})`:                             "1",
		`sum(release_gate_attempts_total)`:                                                                           "8",
		`sum(release_gate_superseded_total)`:                                                                         "1",
		`sum(release_gate_overrides_total)`:                                                                          "1",
		`sum(release_gate_audit_broken_total)`:                                                                       "1",
		`sum(release_gate_approvals_total{signed="false"})`:                                                          "1",
		`sum(release_gate_ignored_entries_total{reason="OtherArtifact"})`:                                            "1",
		`sum(release_gate_ignored_entries_total{reason="SignatureInvalid"})`:                                         "1",
		`sum(release_gate_ignored_entries_total)`:                                                                    "2",
		`sum(release_pipeline_releases_total{environment="dev"})`:                                                    "1",
		`sum(release_pipeline_releases_total)`:                                                                       "1",
		`sum(release_function_runs_total{kind="XPromotionGate",outcome="invalid"})`:                                  "2",
		`sum(release_gate_waiting_evaluations_total{requirement="Audit"})`:                                           "2",
		`sum(release_function_runs_total{kind="XReleasePipeline",outcome="asked"})`:                                  "1",
		`sum(release_function_runs_total{kind="XReleasePipeline",outcome="ok"})`:                                     "1",
		`sum(release_function_runs_total) - sum(grpc_server_handled_total{grpc_code="OK"})`:                          "0",
		`sum(release_gate_evaluations_total) - sum(release_function_runs_total{kind="XPromotionGate",outcome="ok"})`: "0",
		`count(release_function_certificate_expiry_timestamp_seconds)`:                                               "2",
	} {
		server.is(t, expression, want)
	}
}

// objectsAreShown compares with the objects themselves.
func objectsAreShown(t *testing.T, server prometheus, objects []object) {
	verdicts, requirements, conditions, since, approvals, infos := map[any]int{}, 0, 0, 0, 0, 0
	for _, o := range objects {
		isGate := strings.HasSuffix(o["kind"].(string), "Gate")
		if verdict := field(o, "status", "gate_status"); verdict != nil {
			verdicts[verdict]++
		}
		// A pipeline that nobody has looked at has nothing to say.
		if isGate || field(o, "status", "artifact_id") != nil {
			infos++
		}
		if isGate {
			list, _ := field(o, "status", "requirements").([]any)
			requirements += len(list)
			list, _ = field(o, "status", "conditions").([]any)
			conditions += len(list)
			if timestamp, _ := field(o, "status", "approval_timestamp").(string); timestamp != "" {
				approvals++
			}
		}
		environments, _ := field(o, "status", "environments").([]any)
		for _, e := range environments {
			if field(e, "since") != "" {
				since++
			}
		}
	}
	for verdict, count := range verdicts {
		server.is(t, fmt.Sprintf(`sum(kube_release_gate_status{status=%q})`, verdict), fmt.Sprint(count))
	}
	for expression, want := range map[string]int{
		`count(kube_release_gate_requirement_satisfied)`:                    requirements,
		`count(kube_release_gate_condition)`:                                conditions,
		`count(kube_release_gate_approval_timestamp_seconds)`:               approvals,
		`count(kube_release_pipeline_environment_since_timestamp_seconds)`:  since,
		`count(kube_release_gate_info) + count(kube_release_pipeline_info)`: infos,
	} {
		server.is(t, expression, fmt.Sprint(want))
	}
	// One gate, field by field; the clock of its scene begins at 2026-03-02T09:00:00Z.
	const start = 1772442000
	gate := `{namespace="namespaced-gate-overridden",gate="web-dev-to-staging",tenant="web"`
	for expression, want := range map[string]string{
		`kube_release_gate_attempt_start_timestamp_seconds` + gate + `}`:                                                                 fmt.Sprint(start),
		`kube_release_gate_deadline_timestamp_seconds` + gate + `}`:                                                                      fmt.Sprint(start + 24*3600),
		`kube_release_gate_condition` + gate + `,type="Approved",reason="EmergencyOverride"}`:                                            "1",
		`kube_release_gate_requirement_satisfied` + gate + `,requirement="Checks",reason="Overridden"}`:                                  "1",
		`kube_release_gate_info` + gate + `,source_environment="dev",target_environment="staging",artifact_id="` + artifactA + `"}`:      "1",
		`kube_release_pipeline_condition{namespace="claims-pipeline-stopped-by-a-rejected-gate",type="Promoting",reason="GateRejected"}`: "0",
		`count(release_pipeline:lead_time:seconds{namespace=~"namespaced-.*"} >= 0) > bool 0`:                                            "1",
	} {
		server.is(t, expression, want)
	}
}

// alertsFire on what tell and the objects are about, with no more labels than they say.
func alertsFire(t *testing.T, server prometheus) {
	for _, alert := range []string{
		`ReleaseOverrideWasUsed",step="dev_to_staging`, `ReleaseAuditTrailBroke`, `ReleaseSignaturesAreRefused",reason="SignatureInvalid`,
		`ReleaseGateAuditIsBroken",namespace="claims-gate-with-a-broken-trail`,
	} {
		server.is(t, fmt.Sprintf(`count(ALERTS{alertname="%s",alertstate="firing"}) > bool 0`, alert), "1")
	}
	for _, alert := range []string{"ReleaseFunctionIsDown", "ReleaseFunctionFails", "ReleaseCertificateExpires"} {
		if samples, err := server.query(fmt.Sprintf("ALERTS{alertname=%q}", alert)); err != nil || len(samples) > 0 {
			t.Errorf("%s: %v %v", alert, samples, err)
		}
	}
}
