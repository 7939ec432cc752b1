#include "function/release/audit.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "function/base/json.h"
#include "function/base/sha256.h"
#include "function/base/status_macros.h"
#include "function/base/time.h"

namespace release {
namespace {

constexpr size_t kHashDigits = 64;
// Far below what a JSON number can hold exactly, so that a trail can go on.
constexpr int64_t kMaxCount = int64_t{1} << 40;

std::string Zeros() { return std::string(kHashDigits, '0'); }

std::string Hash(absl::string_view text, absl::string_view key) {
  return key.empty() ? base::Sha256Hex(text) : base::HmacSha256Hex(key, text);
}

bool IsHashRight(const AuditEntry& entry, const AuditKeys& keys) {
  const std::string text = AuditText(entry);
  if (entry.hash == Hash(text, keys.key)) return true;
  return !keys.previous_key.empty() && entry.hash == Hash(text, keys.previous_key);
}

struct Checkpoint {
  int64_t count = 0;
  std::string last_hash;
};

std::string CheckpointDetail(const Checkpoint& checkpoint) {
  return base::CanonicalJson({{"count", checkpoint.count}, {"last_hash", checkpoint.last_hash}});
}

bool IsHash(absl::string_view text) {
  return text.size() == kHashDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
         });
}

// nullopt for every detail but the one that CheckpointDetail makes.
std::optional<Checkpoint> ParseCheckpoint(const std::string& detail) {
  const base::Json json = base::ParseJson(detail);
  if (!json.is_object() || !json.contains("count") || !json.contains("last_hash")) return std::nullopt;
  if (!json["count"].is_number_integer() || !json["last_hash"].is_string()) return std::nullopt;
  Checkpoint checkpoint{json["count"].get<int64_t>(), json["last_hash"].get<std::string>()};
  if (checkpoint.count < 1 || checkpoint.count > kMaxCount || !IsHash(checkpoint.last_hash) ||
      CheckpointDetail(checkpoint) != detail)
    return std::nullopt;
  return checkpoint;
}

// What the entry after this one has as `prev`.
std::string LinkHash(const AuditEntry& entry) {
  if (entry.action != kAuditCheckpoint) return entry.hash;
  const std::optional<Checkpoint> checkpoint = ParseCheckpoint(entry.detail);
  return checkpoint ? checkpoint->last_hash : entry.hash;
}

void FoldOldest(std::vector<AuditEntry>& trail, const AuditKeys& keys) {
  const size_t folded = trail.size() - kMaxAuditEntries + 1;
  const AuditEntry& last = trail[folded - 1];
  AuditEntry checkpoint;
  checkpoint.seq = last.seq;
  checkpoint.time = last.time;
  checkpoint.action = std::string(kAuditCheckpoint);
  checkpoint.detail = CheckpointDetail({last.seq, LinkHash(last)});
  checkpoint.prev = Zeros();
  checkpoint.hash = Hash(AuditText(checkpoint), keys.key);
  trail.erase(trail.begin(), trail.begin() + static_cast<std::ptrdiff_t>(folded) - 1);
  trail.front() = std::move(checkpoint);
}

absl::Status Broken(const AuditEntry& entry, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("entry ", entry.seq, ": ", what));
}

absl::Status VerifyFirst(const AuditEntry& entry) {
  if (entry.prev != Zeros()) return Broken(entry, "it is the first one, and its prev is not 64 zeros");
  if (entry.action != kAuditCheckpoint) {
    return entry.seq == 1 ? absl::OkStatus() : Broken(entry, "it is the first one, and not number 1");
  }
  const std::optional<Checkpoint> checkpoint = ParseCheckpoint(entry.detail);
  if (!checkpoint) return Broken(entry, "the detail of the checkpoint is malformed");
  return checkpoint->count == entry.seq ? absl::OkStatus()
                                        : Broken(entry, "the checkpoint's number is not its count");
}

absl::Status VerifyLink(const AuditEntry& before, const AuditEntry& entry) {
  if (entry.action == kAuditCheckpoint) return Broken(entry, "a checkpoint can only be the first one");
  if (entry.seq != before.seq + 1) return Broken(entry, absl::StrCat("it follows number ", before.seq));
  if (entry.prev != LinkHash(before)) return Broken(entry, "its prev is not the hash of the entry before it");
  return absl::OkStatus();
}

size_t Bytes(const std::vector<AuditEntry>& trail) {
  return std::accumulate(trail.begin(), trail.end(), size_t{0}, [](size_t bytes, const AuditEntry& entry) {
    return bytes + entry.actor.size() + entry.action.size() + entry.detail.size();
  });
}

absl::Status VerifyCopy(absl::string_view copy, const std::vector<AuditEntry>& trail, const AuditKeys& keys) {
  if (trail.size() > kMaxAuditEntries) {
    return absl::DataLossError(absl::StrCat(copy, ": has more than ", kMaxAuditEntries, " entries"));
  }
  if (Bytes(trail) > kMaxAuditBytes) {
    return absl::DataLossError(absl::StrCat(copy, ": has more than ", kMaxAuditBytes, " bytes"));
  }
  const absl::Status status = VerifyAudit(trail, keys);
  return status.ok() ? status : absl::DataLossError(absl::StrCat(copy, ": ", status.message()));
}

bool IsSame(const AuditEntry& a, const AuditEntry& b) {
  const bool folded = a.action == kAuditCheckpoint || b.action == kAuditCheckpoint;
  return folded ? LinkHash(a) == LinkHash(b) : a == b;
}

// The first number that both trails have, with different entries; nullopt: they agree in all that both have.
std::optional<int64_t> FirstDifference(const std::vector<AuditEntry>& a, const std::vector<AuditEntry>& b) {
  const int64_t begin = std::max(a.front().seq, b.front().seq);
  const int64_t end = std::min(a.back().seq, b.back().seq);
  for (int64_t seq = begin; seq <= end; ++seq) {
    if (!IsSame(a[seq - a.front().seq], b[seq - b.front().seq])) return seq;
  }
  return std::nullopt;
}

absl::Status Differ(const std::vector<AuditEntry>& a, const std::vector<AuditEntry>& b) {
  const std::optional<int64_t> seq = FirstDifference(a, b);
  const std::string where =
      seq ? absl::StrCat("they differ at entry ", *seq) : std::string("they have no entry in common");
  return absl::DataLossError(
      absl::StrCat("status.audit and the ConfigMap's audit.jsonl: both are intact, but ", where));
}

// Canonical JSON has the names in order. Spelled out, because every call hashes every entry of a trail.
// `hash`: that field, with a comma before it, or nothing.
std::string Spell(const AuditEntry& entry, absl::string_view hash) {
  using base::CanonicalJsonString;
  return absl::StrCat(
      "{\"action\":", CanonicalJsonString(entry.action), ",\"actor\":", CanonicalJsonString(entry.actor),
      ",\"detail\":", CanonicalJsonString(entry.detail), hash, ",\"prev\":", CanonicalJsonString(entry.prev),
      ",\"seq\":", entry.seq, ",\"time\":\"", base::FormatTime(entry.time), "\"}");
}

}  // namespace

std::string AuditText(const AuditEntry& entry) { return Spell(entry, ""); }

std::string AuditLine(const AuditEntry& entry) {
  return Spell(entry, absl::StrCat(",\"hash\":", base::CanonicalJsonString(entry.hash)));
}

void AppendAudit(std::vector<AuditEntry>& trail, const AuditKeys& keys, absl::Time time,
                 absl::string_view actor, absl::string_view action, absl::string_view detail) {
  AuditEntry entry;
  entry.seq = trail.empty() ? 1 : trail.back().seq + 1;
  entry.time = absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  entry.actor = std::string(actor);
  entry.action = std::string(action);
  entry.detail = std::string(detail);
  entry.prev = trail.empty() ? Zeros() : LinkHash(trail.back());
  entry.hash = Hash(AuditText(entry), keys.key);
  trail.push_back(std::move(entry));
  if (trail.size() > kMaxAuditEntries) FoldOldest(trail, keys);
}

absl::Status VerifyAudit(const std::vector<AuditEntry>& trail, const AuditKeys& keys) {
  AuditKeys accepted = keys;
  for (size_t i = 0; i < trail.size(); ++i) {
    RETURN_IF_ERROR(i == 0 ? VerifyFirst(trail[i]) : VerifyLink(trail[i - 1], trail[i]));
    // Once the new key was used, the old one, which may have leaked, makes no more entries. (A checkpoint is
    // made anew.)
    const bool is_new = !keys.key.empty() && IsHashRight(trail[i], {keys.key, ""});
    if (is_new && trail[i].action != kAuditCheckpoint) accepted.previous_key.clear();
    if (!IsHashRight(trail[i], accepted)) {
      return Broken(trail[i],
                    keys.key.empty() ? "its hash is wrong" : "its hash is wrong, or not made with the key");
    }
  }
  return absl::OkStatus();
}

bool IsPrefix(const std::vector<AuditEntry>& a, const std::vector<AuditEntry>& b) {
  if (a.empty()) return true;
  if (b.empty() || a.back().seq > b.back().seq || a.back().seq < b.front().seq) return false;
  return !FirstDifference(a, b).has_value();
}

absl::StatusOr<std::vector<AuditEntry>> Reconcile(const std::vector<AuditEntry>& status_trail,
                                                  const std::vector<AuditEntry>& config_map_trail,
                                                  const AuditKeys& keys) {
  RETURN_IF_ERROR(VerifyCopy("status.audit", status_trail, keys));
  if (status_trail == config_map_trail) return status_trail;  // as it is nearly always, and hashing costs
  RETURN_IF_ERROR(VerifyCopy("the ConfigMap's audit.jsonl", config_map_trail, keys));
  if (IsPrefix(config_map_trail, status_trail)) return status_trail;
  if (IsPrefix(status_trail, config_map_trail)) return config_map_trail;
  return Differ(status_trail, config_map_trail);
}

}  // namespace release
