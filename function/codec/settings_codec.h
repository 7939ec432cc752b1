// The function's Input: Composition.spec.pipeline[].input.
#ifndef FUNCTION_CODEC_SETTINGS_CODEC_H_
#define FUNCTION_CODEC_SETTINGS_CODEC_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "function/release/settings.h"

namespace codec {

// No input: every default. Errors lead with the field path, "input.…".
absl::StatusOr<release::Settings> DecodeSettings(std::optional<absl::string_view> input);

}  // namespace codec

#endif  // FUNCTION_CODEC_SETTINGS_CODEC_H_
