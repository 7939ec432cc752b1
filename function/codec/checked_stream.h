// The bytes of a RunFunctionRequest, which end where a length in them cannot be true.
//
// Protobuf believes a message's length until it has read the message, and makes room for what a string in it
// claims to have (up to 50 MB at once): a message in a message that lies about its length gets megabytes for
// a hundred bytes. So every length is held against the message around it before Protobuf sees it.
#ifndef FUNCTION_CODEC_CHECKED_STREAM_H_
#define FUNCTION_CODEC_CHECKED_STREAM_H_

#include <google/protobuf/io/zero_copy_stream.h>

#include <cstddef>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace codec {

// A message that has messages in it, and which of these have messages in them themselves. In all others there
// is no length but those of strings, which Protobuf holds against their message itself.
struct MessageShape {
  struct Field {
    uint32_t number;
    const MessageShape* message;
  };
  absl::Span<const Field> fields;
};

extern const MessageShape kRequestShape;  // of fn.lazy.RunFunctionRequest

// Follows a message's fields as its bytes come, in pieces of any size.
class LengthCheck {
 public:
  LengthCheck(const MessageShape& shape, uint64_t size) : open_({{&shape, size, false}}) {}

  // Whether all that was seen until now can be a message of that size. Not to be called again once it cannot.
  bool Continue(absl::string_view piece);

 private:
  struct Open {
    const MessageShape* shape;  // nullptr: no field of it is known
    uint64_t end;               // in bytes from the begin of the outermost message
    bool group;                 // ends at a tag of its own, and not later than `end`
  };
  enum class Expected { kTag, kNumber, kLength };

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
};

class CheckedStream final : public google::protobuf::io::ZeroCopyInputStream {
 public:
  // `bytes` has a request of `size` bytes, and outlives this.
  CheckedStream(google::protobuf::io::ZeroCopyInputStream& bytes, std::size_t size)
      : bytes_(bytes), check_(kRequestShape, size) {}

  bool Next(const void** data, int* size) override;
  void BackUp(int count) override;
  bool Skip(int count) override;
  int64_t ByteCount() const override { return bytes_.ByteCount(); }

 private:
  google::protobuf::io::ZeroCopyInputStream& bytes_;
  LengthCheck check_;
  std::size_t checked_ = 0;  // of what Next returns next
};

}  // namespace codec

#endif  // FUNCTION_CODEC_CHECKED_STREAM_H_
