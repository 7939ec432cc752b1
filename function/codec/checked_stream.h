// The bytes of a RunFunctionRequest, which end before Protobuf would make more of them than there is.
//
// Protobuf 3.21 believes a message's length until it has read the message, and makes room for what a string
// in it claims to have, 50 MB at once: every length is held against the message around it.
//
// It takes some 200 bytes for an empty message, which are two in the request: fields are counted.
//
// It stops at a field 0 and at the end of a group that did not begin, and may give back more bytes than the
// last piece had, for which gRPC's reader ends the process: both are refused.
#ifndef FUNCTION_CODEC_CHECKED_STREAM_H_
#define FUNCTION_CODEC_CHECKED_STREAM_H_

#include <google/protobuf/io/zero_copy_stream.h>

#include <cstddef>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace codec {

// The fields of a message that are messages themselves. (In all others lengths are those of strings and
// packed numbers, for which Protobuf makes no more room than what is left of their message.)
struct MessageShape {
  struct Field {
    uint32_t number;
    const MessageShape* message;
  };
  absl::Span<const Field> fields;
};

extern const MessageShape kRequestShape;  // of fn.lazy.RunFunctionRequest

// How many fields a request of this size may have. Crossplane's have one in 45 bytes, or fewer.
constexpr uint64_t MaxFields(uint64_t size) { return 4096 + size / 16; }

// Follows a request's fields as its bytes come, in pieces of any size.
class FieldCheck {
 public:
  explicit FieldCheck(uint64_t size) : open_({{&kRequestShape, size, false}}), max_fields_(MaxFields(size)) {}

  // What keeps all that was seen until now from being the begin of a request; not to be called again after
  // that. What Protobuf finds by itself need not be found here.
  absl::Status Continue(absl::string_view piece);

 private:
  struct Open {
    const MessageShape* shape;  // nullptr: no field of it is known
    uint64_t end;               // in bytes from the begin of the request
    bool group;                 // ends at a tag of its own, and not later than `end`
  };
  enum class Expected { kTag, kNumber, kLength };

  bool Read(absl::string_view piece);
  bool CloseEnded();
  bool TakeVarint(uint64_t value);
  bool TakeTag(uint32_t field, uint32_t type);
  bool TakeLength(uint64_t length);
  bool Skip(uint64_t bytes);

  absl::InlinedVector<Open, 8> open_;
  Expected expected_ = Expected::kTag;
  const MessageShape* field_ = nullptr;  // of the field whose length is expected
  uint64_t varint_ = 0;
  int varint_bytes_ = 0;
  uint64_t offset_ = 0;
  uint64_t skip_ = 0;
  uint64_t fields_ = 0;
  uint64_t max_fields_;
};

class CheckedStream final : public google::protobuf::io::ZeroCopyInputStream {
 public:
  // `bytes` has a request of `size` bytes, and outlives this.
  CheckedStream(google::protobuf::io::ZeroCopyInputStream& bytes, std::size_t size)
      : bytes_(bytes), check_(size) {}

  // Why it ended early, if it did.
  const absl::Status& status() const { return status_; }

  bool Next(const void** data, int* size) override;
  void BackUp(int count) override;
  bool Skip(int count) override;
  int64_t ByteCount() const override { return bytes_.ByteCount(); }

 private:
  google::protobuf::io::ZeroCopyInputStream& bytes_;
  FieldCheck check_;
  absl::Status status_;
  std::size_t checked_ = 0;  // of what Next returns next
};

}  // namespace codec

#endif  // FUNCTION_CODEC_CHECKED_STREAM_H_
