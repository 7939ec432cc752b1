#include "function/cli/mermaid.h"

#include "test/catch.h"

namespace cli {
namespace {

using base::Json;

TEST_CASE("whatever a label says is text for Mermaid") {
  // Each was drawn by Mermaid 11.17 and 12.3, as a title, a node and an edge: what is shown is the text.
  struct Case {
    const char* reason;
    const char* text;
    const char* label;
  };
  const Case cases[] = {
      {"a label ends at its quote", "\"] ; click p0e0 call alert()", "#34;#93; #59; click p0e0 call alert()"},
      {"Markdown strings", "`**bold** _x_`", "#96;#42;#42;bold#42;#42; #95;x#95;#96;"},
      {"an ordered list", "1. list", "#49;. list"},
      {"another one", "2) x", "#50;) x"},
      {"a list", "- item", "#45; item"},
      {"another one", "+ x", "#43; x"},
      {"a heading", "# h", "#35; h"},
      {"an underlined heading", "=== x", "#61;#61;#61; x"},
      {"a quotation", "> quote", "#62; quote"},
      {"a keyword, harmless in quotes", "end", "end"},
      {"a directive, which Mermaid takes from anywhere", "%%{init: {\"theme\":\"dark\"}}%%",
       "#37;#37;#123;init#58; #123;#34;theme#34;#58;#34;dark#34;#125;#125;#37;#37;"},
      {"HTML", "<script>alert(1)</script>&lt;", "#60;script#62;alert(1)#60;/script#62;#38;lt#59;"},
      {"a line break that is not ours", "<br/>", "#60;br/#62;"},
      {"Mermaid drops a semicolon behind \"style:\"", "style: #fff; x:#34;",
       "style#58; #35;fff#59; x#58;#35;34#59;"},
      {"an icon", "fa:fa-bomb", "fa#58;#8288;fa-bomb"},
      {"a link", "https://www.evil.example/x", "https#58;//www#46;evil.example/x"},
      {"a link without a scheme", "www.evil.example", "www#46;evil.example"},
      {"a link to a mailbox", "a@b.org", "a#64;b.org"},
      {"a formula", "$$x^2$$", "#36;#8288;#36;#8288;x#94;2#36;#8288;#36;#8288;"},
      {"lines", "line1\nline2\r\nend", "line1 line2  end"},
      {"shapes, classes and labels of edges", "]:::rejected |x| {{y}}",
       "#93;#58;#58;#58;rejected #124;x#124; #123;#123;y#125;#125;"},
      {"entities", "#quot;#34;", "#35;quot#59;#35;34#59;"},
      {"entities as Mermaid writes them for itself", "ﬂ°quot¶ß", "#64258;#8288;#176;quot#182;#8288;#223;"},
      {"the direction of text, and a line separator", "\342\200\256evil\342\200\250x", "#65533;evil#65533;x"},
      {"backslashes", "a\\n\\\"", "a#92;#8288;n#92;#8288;#34;"},
      {"letters of others", "ünï → 日 🎉", "#252;n#239; #8594; #26085; #127881;"},
      {"a link in Markdown", "[a](javascript:alert(1))", "#91;a#93;(javascript#58;alert(1))"},
      {"control characters", "\t\001\033[31m", "#32; #91;31m"},
      {"emphasis", "*a* ~b~ a_b", "#42;a#42; #126;b#126; a#95;b"},
      {"bytes that are no UTF-8", "a\xff\xc3z\xed\xa0\x80", "a#65533;#65533;z#65533;#65533;#65533;"},
      {"a code point that ends too early", "a\xe2\x82", "a#65533;#65533;"},
      {"nothing", "  ", ""},
  };
  for (const Case& c : cases) {
    INFO(c.reason);
    CHECK(MermaidText(c.text) == c.label);
  }
}

Previewed Pipeline(const std::string& name, const Json& environments, const Json& status) {
  Previewed pipeline;
  pipeline.xr = {{"apiVersion", "platform.zerotouch.dev/v1alpha1"},
                 {"kind", "XReleasePipeline"},
                 {"metadata", {{"name", name}, {"namespace", "team"}}},
                 {"spec", {{"environments", environments}}}};
  pipeline.given = pipeline.xr;
  pipeline.rendered.xr = {{"status", {{"environments", status}}}};
  return pipeline;
}

Json Open(const char* name) { return {{"name", name}, {"satisfied", false}}; }

Previewed Gate(const std::string& pipeline, const std::string& source, const std::string& target,
               const std::string& verdict, const Json& requirements) {
  Previewed gate;
  gate.xr = {{"apiVersion", "platform.zerotouch.dev/v1alpha1"},
             {"kind", "XPromotionGate"},
             {"metadata", {{"name", source + "-to-" + target}, {"namespace", "team"}}},
             {"spec",
              {{"artifact_id", "ghcr.io/acme/app:main-abc123"},
               {"source_environment", source},
               {"target_environment", target}}}};
  gate.given = gate.xr;
  gate.rendered.xr = {{"status",
                       {{"gate_status", verdict},
                        {"requirements", requirements},
                        {"approvals", {{"have", 1}, {"need", 3}}}}}};
  gate.rendered.wanted["pipeline"] = {{"apiVersion", "platform.zerotouch.dev/v1alpha1"},
                                      {"kind", "XReleasePipeline"},
                                      {"metadata", {{"name", pipeline}, {"namespace", "team"}}}};
  return gate;
}

TEST_CASE("every verdict has its class, and so has its edge") {
  const std::string digest(64, 'a');
  const Overview overview = BuildOverview(
      {Pipeline("one", {"dev", "staging", "production"},
                {{{"name", "dev"}, {"artifact_id", "ghcr.io/acme/app@sha256:" + digest}},
                 {{"name", "staging"}, {"artifact_id", "ghcr.io/acme/app:main-abc123"}}}),
       Gate("one", "dev", "staging", "approved", Json::array({Open("Window")})),
       Gate("one", "staging", "production", "pending", Json::array({Open("Soak"), Open("Approvals")})),
       Gate("one", "dev", "production", "rejected", Json::array()),
       Gate("gone", "staging", "production", "timeout", Json::array({Open("Checks")})),
       Gate("gone", "dev", "staging", "approved", Json::array()), Pipeline("two", {"dev", "staging"}, {}),
       Gate("bad", "dev", "staging", "pending", Json::array({Open("Progression")}))},
      {{Pipeline("bad", {}, {}).given, "a.yaml", "why"}, {Pipeline("worse", {}, {}).given, "a.yaml", "why"}});
  CHECK(FormatMermaid(overview) == R"(flowchart LR
  subgraph p0["XReleasePipeline team/one"]
    direction LR
    p0e0["dev<br/>ghcr.io/acme/app#64;sha256#58;aaaaaaaaaaaa"]
    p0e1["staging<br/>ghcr.io/acme/app#58;main-abc123"]:::approved
    p0e2["production<br/>nothing yet"]:::rejected
    p0e0 -->|"approved main-abc123"| p0e1
    p0e1 -->|"pending main-abc123<br/>Soak, Approvals 1 of 3"| p0e2
    p0e0 -->|"rejected main-abc123"| p0e2
  end
  subgraph p1["XReleasePipeline team/two"]
    direction LR
    p1e0["dev<br/>nothing yet"]
    p1e1["staging<br/>nothing yet"]
    p1e0 -.->|"no gate"| p1e1
  end
  subgraph p2["XReleasePipeline team/gone<br/>is not among the files"]
    direction LR
    p2e0["dev"]
    p2e1["staging"]:::approved
    p2e2["production"]:::timeout
    p2e0 -->|"approved main-abc123"| p2e1
    p2e1 -->|"timeout main-abc123<br/>Checks"| p2e2
  end
  subgraph p3["XReleasePipeline team/bad<br/>is among the files but refused"]
    direction LR
    p3e0["dev"]
    p3e1["staging"]:::pending
    p3e0 -->|"pending main-abc123<br/>Progression"| p3e1
  end
  p4["XReleasePipeline team/worse<br/>is refused"]:::rejected
  classDef rejected fill:#ffe3e3,stroke:#c92a2a,color:#212529
  classDef timeout fill:#e9ecef,stroke:#868e96,color:#212529
  classDef pending fill:#fff3bf,stroke:#e67700,color:#212529
  classDef approved fill:#d3f9d8,stroke:#2b8a3e,color:#212529
  linkStyle 2 stroke:#c92a2a,stroke-width:2px
  linkStyle 5 stroke:#868e96,stroke-width:2px
  linkStyle 1,6 stroke:#e67700,stroke-width:2px
  linkStyle 0,4 stroke:#2b8a3e,stroke-width:2px
)");
}

TEST_CASE("nothing to draw is no flowchart") { CHECK(FormatMermaid({}).empty()); }

}  // namespace
}  // namespace cli
