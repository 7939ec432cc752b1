#include "function/cli/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "function/base/status_macros.h"
#include "function/base/utf8.h"
#include "function/cli/yaml_scalar.h"

namespace cli {
namespace {

using base::Json;

constexpr int kMaxDepth = 100;
// Of a file: aliases make a lot out of little.
constexpr int kMaxValues = 1000000;
constexpr size_t kMaxTextMegabytes = 64;

// Counts over all documents of a file.
class Converter {
 public:
  explicit Converter(absl::string_view source) : source_(source) {}

  absl::StatusOr<Json> Convert(const YAML::Node& node, int depth = 0) {
    if (depth > kMaxDepth) return Error(node, absl::StrCat("is nested deeper than ", kMaxDepth, " levels"));
    if (++values_ > kMaxValues) return Error(node, absl::StrCat("has more than ", kMaxValues, " values"));
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        return Json(nullptr);
      case YAML::NodeType::Scalar:
        return Scalar(node);
      case YAML::NodeType::Sequence:
        return Sequence(node, depth);
      case YAML::NodeType::Map:
        return Map(node, depth);
    }
    return Json(nullptr);
  }

 private:
  absl::Status Error(const YAML::Node& node, absl::string_view message) const {
    return absl::InvalidArgumentError(absl::StrCat(source_, ":", node.Mark().line + 1, ": ", message));
  }

  absl::Status CheckText(const YAML::Node& node) {
    // yaml-cpp lets through what is none.
    if (!base::IsUtf8(node.Scalar())) return Error(node, "is not UTF-8");
    text_bytes_ += node.Scalar().size();
    if (text_bytes_ <= kMaxTextMegabytes << 20) return absl::OkStatus();
    return Error(node, absl::StrCat("has more than ", kMaxTextMegabytes, " MB of text"));
  }

  // yaml-cpp tells plain scalars from others by the tag: "?" is plain, "!" quoted or a block.
  absl::StatusOr<Json> Scalar(const YAML::Node& node) {
    RETURN_IF_ERROR(CheckText(node));
    if (node.Tag() != "?") return Json(node.Scalar());
    absl::StatusOr<Json> value = ResolvePlainScalar(node.Scalar());
    if (!value.ok()) return Error(node, value.status().message());
    return value;
  }

  absl::StatusOr<Json> Sequence(const YAML::Node& node, int depth) {
    Json list = Json::array();
    for (const YAML::Node& element : node) {
      ASSIGN_OR_RETURN(Json value, Convert(element, depth + 1));
      list.push_back(std::move(value));
    }
    return list;
  }

  absl::StatusOr<Json> Map(const YAML::Node& node, int depth) {
    Json object = Json::object();
    Json merged = Json::object();
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return Error(entry.first, "a key must be text");
      RETURN_IF_ERROR(CheckText(entry.first));
      const std::string& key = entry.first.Scalar();
      ASSIGN_OR_RETURN(Json value, Convert(entry.second, depth + 1));
      if (key == "<<" && entry.first.Tag() == "?") {
        RETURN_IF_ERROR(MergeKey(entry.second, value, merged));
        continue;
      }
      if (object.contains(key))
        return Error(entry.first, absl::StrCat("the key \"", key, "\" is there twice"));
      object[key] = std::move(value);
    }
    for (auto& [key, value] : merged.items()) object.emplace(key, std::move(value));
    return object;
  }

  // `<<: *alias` or `<<: [*one, *two]`: the object's own keys win, then the earlier of the list.
  absl::Status MergeKey(const YAML::Node& node, const Json& value, Json& merged) const {
    const Json objects = value.is_array() ? value : Json::array({value});
    for (const Json& object : objects) {
      if (!object.is_object()) return Error(node, "<< takes an object or a list of objects");
      for (const auto& [key, field] : object.items()) merged.emplace(key, field);
    }
    return absl::OkStatus();
  }

  absl::string_view source_;
  int values_ = 0;
  size_t text_bytes_ = 0;
};

// Throws where documents begin in the same place again and again: yaml-cpp (0.7) makes empty ones without end
// of what follows some broken ones.
class Progress : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    repeated_ = mark.pos == position_ ? repeated_ + 1 : 0;
    position_ = mark.pos;
    if (repeated_ > 1) throw YAML::ParserException(mark, "unexpected content after a document");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& /*value*/) override {}
  void OnSequenceStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {}
  void OnMapEnd() override {}

 private:
  int position_ = -1;
  int repeated_ = 0;
};

void CheckProgress(const std::string& text) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  Progress progress;
  while (parser.HandleNextDocument(progress)) continue;
}

// Code points that YAML's double-quoted text needs escaped, beside the ASCII ones: not printable, or line
// breaks.
bool NeedsEscape(uint32_t code) {
  return (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 || code == 0xfeff ||
         code == 0xfffe || code == 0xffff;
}

// The code point at the beginning of `text`, which is UTF-8 (every Json text that is printed is), and its
// size.
std::pair<uint32_t, size_t> CodePoint(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const size_t size = byte(0) < 0x80 ? 1 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
  if (size == 1 || size > text.size()) return {byte(0), 1};
  uint32_t code = byte(0) & (0x7f >> size);
  for (size_t i = 1; i < size; ++i) code = code << 6 | (byte(i) & 0x3f);
  return {code, size};
}

std::string Quoted(absl::string_view text) {
  // Unescaped but for what JSON demands, which YAML reads too.
  const std::string json = Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string quoted;
  for (absl::string_view rest = json; !rest.empty();) {
    const auto [code, size] = CodePoint(rest);
    if (NeedsEscape(code)) {
      absl::StrAppendFormat(&quoted, "\\u%04x", code);
    } else {
      absl::StrAppend(&quoted, rest.substr(0, size));
    }
    rest.remove_prefix(size);
  }
  return quoted;
}

// Characters that are never more than themselves inside a plain scalar; "-", ":" and "." also not at the
// beginning.
bool IsPlain(absl::string_view text) {
  if (text.empty() || !(absl::ascii_isalnum(text[0]) || text[0] == '/' || text[0] == '_')) return false;
  const bool is_harmless = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || absl::StrContains(" _-./:@+=()<>,;$~", c);
  });
  if (!is_harmless || absl::StrContains(text, ": ") || absl::EndsWith(text, ":") ||
      absl::EndsWith(text, " ")) {
    return false;
  }
  // Dates, sexagesimals (YAML 1.1) and whatever else begins like a number.
  if (absl::ascii_isdigit(text[0])) return false;
  const absl::StatusOr<Json> resolved = ResolvePlainScalar(text);
  return resolved.ok() && resolved->is_string();
}

// Text of several lines that a literal block holds as it is.
bool IsBlock(absl::string_view text) {
  if (!absl::StrContains(text, '\n') || text[0] == '\n' || text[0] == ' ' || text[0] == '\t') return false;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::EndsWith(line, " ") || absl::EndsWith(line, "\t")) return false;
  }
  for (absl::string_view rest = text; !rest.empty();) {
    const auto [code, size] = CodePoint(rest);
    if ((code < 0x20 && code != '\n') || NeedsEscape(code)) return false;
    rest.remove_prefix(size);
  }
  // More than one newline at the end, or none but newlines: an indicator of its own.
  return !absl::EndsWith(text, "\n\n");
}

std::string Scalar(const Json& value) {
  if (!value.is_string()) return value.dump();
  const std::string& text = value.get_ref<const std::string&>();
  return IsPlain(text) ? text : Quoted(text);
}

std::string Key(const std::string& key) { return IsPlain(key) ? key : Quoted(key); }

bool IsNested(const Json& value) { return (value.is_object() || value.is_array()) && !value.empty(); }

void Write(const Json& value, size_t indent, std::string& out);

// What stands behind "key:" or "-".
void WriteValue(const Json& value, size_t indent, std::string& out) {
  if (value.is_string() && IsBlock(value.get_ref<const std::string&>())) {
    const std::string& text = value.get_ref<const std::string&>();
    const bool ends_in_newline = absl::EndsWith(text, "\n");
    absl::StrAppend(&out, ends_in_newline ? " |\n" : " |-\n");
    for (absl::string_view line : absl::StrSplit(absl::StripSuffix(text, "\n"), '\n')) {
      absl::StrAppend(&out, line.empty() ? "" : std::string(indent, ' '), line, "\n");
    }
  } else {
    absl::StrAppend(&out, " ", Scalar(value), "\n");
  }
}

// A longer key has to be marked as one (YAML 1.2.2, section 7.4.2: at most 1024 characters).
constexpr size_t kMaxImplicitKey = 1024 - 8;

void WriteObject(const Json& object, size_t indent, std::string& out) {
  bool is_first = true;
  for (const auto& [key, value] : object.items()) {
    // The first key of an object in a list stands behind its dash.
    if (!is_first || out.empty() || out.back() == '\n') out.append(indent, ' ');
    is_first = false;
    const std::string spelled = Key(key);
    const bool is_long = spelled.size() > kMaxImplicitKey;
    if (is_long) absl::StrAppend(&out, "? ", spelled, "\n", std::string(indent, ' '));
    if (!is_long) out += spelled;
    out += ":";
    if (IsNested(value)) {
      out += "\n";
      Write(value, value.is_array() && !is_long ? indent : indent + 2, out);
    } else {
      WriteValue(value, indent + 2, out);
    }
  }
}

void WriteList(const Json& list, size_t indent, std::string& out) {
  for (const Json& value : list) {
    if (out.empty() || out.back() == '\n') out.append(indent, ' ');
    out += "-";
    if (IsNested(value)) {
      out += " ";
      Write(value, indent + 2, out);
    } else {
      WriteValue(value, indent + 2, out);
    }
  }
}

void Write(const Json& value, size_t indent, std::string& out) {
  if (value.is_object()) return WriteObject(value, indent, out);
  WriteList(value, indent, out);
}

}  // namespace

absl::StatusOr<std::vector<Json>> ParseYaml(const std::string& text, absl::string_view source) {
  std::vector<Json> documents;
  try {
    CheckProgress(text);
    Converter converter(source);
    for (const YAML::Node& node : YAML::LoadAll(text)) {
      ASSIGN_OR_RETURN(Json document, converter.Convert(node));
      if (!document.is_null()) documents.push_back(std::move(document));
    }
  } catch (const YAML::Exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(source, ":", std::max(error.mark.line + 1, 1), ": is not valid YAML: ", error.msg));
  }
  return documents;
}

std::string ToYaml(const Json& value) {
  std::string out;
  if (IsNested(value)) {
    Write(value, 0, out);
  } else {
    out = Scalar(value) + "\n";
  }
  return out;
}

}  // namespace cli
