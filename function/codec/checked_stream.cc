#include "function/codec/checked_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "function/codec/wire.h"

namespace codec {
namespace {

using Field = MessageShape::Field;

// An entry of a map is a message: 1 is the key, 2 is the value.
constexpr MessageShape kNoMessages;
constexpr Field kResourceFields[] = {{2, &kNoMessages}};
constexpr MessageShape kResource{kResourceFields};
constexpr Field kResourceEntryFields[] = {{2, &kResource}};
constexpr MessageShape kResourceEntry{kResourceEntryFields};
constexpr Field kStateFields[] = {{1, &kResource}, {2, &kResourceEntry}};
constexpr MessageShape kState{kStateFields};
constexpr Field kResourcesFields[] = {{1, &kResource}};
constexpr MessageShape kResources{kResourcesFields};
constexpr Field kResourcesEntryFields[] = {{2, &kResources}};
constexpr MessageShape kResourcesEntry{kResourcesEntryFields};
constexpr Field kCredentialDataFields[] = {{1, &kNoMessages}};
constexpr MessageShape kCredentialData{kCredentialDataFields};
constexpr Field kCredentialsFields[] = {{1, &kCredentialData}};
constexpr MessageShape kCredentials{kCredentialsFields};
constexpr Field kCredentialsEntryFields[] = {{2, &kCredentials}};
constexpr MessageShape kCredentialsEntry{kCredentialsEntryFields};
constexpr Field kSchemaEntryFields[] = {{2, &kNoMessages}};
constexpr MessageShape kSchemaEntry{kSchemaEntryFields};
constexpr Field kRequestFields[] = {
    {1, &kNoMessages},       {2, &kState},          {3, &kState},      {6, &kResourcesEntry},
    {7, &kCredentialsEntry}, {8, &kResourcesEntry}, {9, &kSchemaEntry}};

// As deep as Protobuf goes: the outermost message and a hundred within each other.
constexpr std::size_t kMaxOpen = 101;

const MessageShape* MessageIn(const MessageShape* shape, uint32_t number) {
  if (shape == nullptr) return nullptr;
  const auto field = std::find_if(shape->fields.begin(), shape->fields.end(),
                                  [&](const Field& candidate) { return candidate.number == number; });
  return field == shape->fields.end() ? nullptr : field->message;
}

}  // namespace

const MessageShape kRequestShape{kRequestFields};

absl::Status FieldCheck::Continue(absl::string_view piece) {
  if (Read(piece)) return absl::OkStatus();
  if (fields_ > max_fields_) {
    return absl::InvalidArgumentError(
        absl::StrCat("more than ", max_fields_, " fields in ", open_.front().end, " bytes"));
  }
  return absl::InvalidArgumentError(absl::StrCat("byte ", offset_, ": no field that fits into its message"));
}

bool FieldCheck::Read(absl::string_view piece) {
  while (!piece.empty()) {
    const std::size_t skipped = std::min<uint64_t>(skip_, piece.size());
    piece.remove_prefix(skipped);
    skip_ -= skipped;
    offset_ += skipped;
    if (piece.empty()) break;
    if (varint_bytes_ == 0 && expected_ == Expected::kTag && !CloseEnded()) return false;
    const uint8_t byte = static_cast<uint8_t>(piece.front());
    piece.remove_prefix(1);
    ++offset_;
    varint_ |= static_cast<uint64_t>(byte & 0x7f) << 7 * varint_bytes_++;
    if (byte < 0x80) {
      varint_bytes_ = 0;
      if (!TakeVarint(std::exchange(varint_, 0))) return false;
    } else if (varint_bytes_ == wire::kMaxVarintSize) {
      return false;
    }
  }
  return true;
}

bool FieldCheck::CloseEnded() {
  for (; open_.size() > 1 && open_.back().end == offset_; open_.pop_back()) {
    if (open_.back().group) return false;
  }
  return true;
}

bool FieldCheck::TakeVarint(uint64_t value) {
  if (offset_ > open_.back().end) return false;
  switch (std::exchange(expected_, Expected::kTag)) {
    case Expected::kTag:
      // A tag has 32 bits: Protobuf drops what is above them.
      return TakeTag(static_cast<uint32_t>(value) >> 3, value & 7);
    case Expected::kNumber:
      return true;
    case Expected::kLength:
      return TakeLength(value);
  }
  return false;
}

bool FieldCheck::TakeTag(uint32_t field, uint32_t type) {
  if (field == 0 || ++fields_ > max_fields_) return false;
  switch (type) {
    case wire::kVarint:
      expected_ = Expected::kNumber;
      return true;
    case wire::kFixed64:
      return Skip(8);
    case wire::kFixed32:
      return Skip(4);
    case wire::kBytes:
      expected_ = Expected::kLength;
      field_ = MessageIn(open_.back().shape, field);
      return true;
    case wire::kStartGroup:
      if (open_.size() == kMaxOpen) return false;
      open_.push_back({nullptr, open_.back().end, true});
      return true;
    case wire::kEndGroup:
      if (!open_.back().group) return false;
      open_.pop_back();
      return true;
    default:
      return false;
  }
}

bool FieldCheck::TakeLength(uint64_t length) {
  if (field_ == nullptr) return Skip(length);
  if (length > open_.back().end - offset_) return false;
  open_.push_back({field_, offset_ + length, false});
  return true;
}

bool FieldCheck::Skip(uint64_t bytes) {
  skip_ = bytes;
  return bytes <= open_.back().end - offset_;
}

bool CheckedStream::Next(const void** data, int* size) {
  if (!status_.ok() || !bytes_.Next(data, size)) return false;
  const absl::string_view piece(static_cast<const char*>(*data), static_cast<std::size_t>(*size));
  const std::size_t known = std::min(checked_, piece.size());
  checked_ -= known;
  status_ = check_.Continue(piece.substr(known));
  return status_.ok();
}

void CheckedStream::BackUp(int count) {
  checked_ += static_cast<std::size_t>(count);
  bytes_.BackUp(count);
}

bool CheckedStream::Skip(int count) {
  const void* data = nullptr;
  int size = 0;
  while (count > 0 && Next(&data, &size)) {
    if (size > count) BackUp(size - count);
    count -= std::min(size, count);
  }
  return count == 0;
}

}  // namespace codec
